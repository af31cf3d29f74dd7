CREATE TABLE t (id integer PRIMARY KEY, n integer, note text);
CREATE PUBLICATION p FOR TABLE t (id, n);
