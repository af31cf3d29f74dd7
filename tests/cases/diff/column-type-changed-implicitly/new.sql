CREATE TABLE t (id integer PRIMARY KEY, n bigint, s varchar(40), d numeric(12,2));
