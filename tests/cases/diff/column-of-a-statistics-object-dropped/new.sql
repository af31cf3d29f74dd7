CREATE TABLE t (id integer PRIMARY KEY, a integer, b integer);
CREATE STATISTICS s (mcv) ON a, b FROM t;
