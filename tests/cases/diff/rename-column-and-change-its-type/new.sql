CREATE TABLE t (id integer PRIMARY KEY, amount bigint DEFAULT 2 NOT NULL);
