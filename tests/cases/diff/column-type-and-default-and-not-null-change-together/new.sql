CREATE TABLE t (id integer PRIMARY KEY, state smallint DEFAULT 0 NOT NULL);
