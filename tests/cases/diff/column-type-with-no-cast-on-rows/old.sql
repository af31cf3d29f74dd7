CREATE TABLE t (id integer PRIMARY KEY, place integer);
