CREATE TABLE t (id integer PRIMARY KEY, n integer, flag boolean, day date, doc jsonb);
