CREATE TABLE t (id integer PRIMARY KEY, n integer, s varchar(10), d numeric(10,2));
