CREATE TABLE t (id integer PRIMARY KEY, active integer DEFAULT 1 NOT NULL);
