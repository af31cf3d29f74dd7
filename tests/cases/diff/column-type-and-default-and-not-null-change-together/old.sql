CREATE TABLE t (id integer PRIMARY KEY, state text DEFAULT 'new'::text);
