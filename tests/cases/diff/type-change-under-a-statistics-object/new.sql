CREATE TABLE t (id integer PRIMARY KEY, a bigint, b integer);
CREATE STATISTICS a_and_b (dependencies, ndistinct) ON a, b FROM t;
CREATE STATISTICS a_plus_b ON (a + b) FROM t;
ALTER STATISTICS a_and_b SET STATISTICS 200;
COMMENT ON STATISTICS a_plus_b IS 'the sum';
