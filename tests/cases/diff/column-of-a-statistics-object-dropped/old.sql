CREATE TABLE t (id integer PRIMARY KEY, a integer, b integer, c integer);
CREATE STATISTICS s (mcv) ON a, b, c FROM t;
