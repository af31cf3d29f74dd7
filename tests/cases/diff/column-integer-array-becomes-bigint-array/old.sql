CREATE TABLE t (id integer PRIMARY KEY, ns integer[] DEFAULT '{}'::integer[] NOT NULL);
