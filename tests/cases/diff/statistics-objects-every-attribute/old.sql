CREATE TABLE t (a int, b int, c text);
CREATE STATISTICS s_kind (ndistinct) ON a, b FROM t;
CREATE STATISTICS s_cols ON a, b FROM t;
CREATE STATISTICS s_expr ON (a + b), lower(c) FROM t;
CREATE STATISTICS s_target ON a, c FROM t;
ALTER STATISTICS s_target SET STATISTICS 200;
CREATE STATISTICS s_reset ON b, c FROM t;
ALTER STATISTICS s_reset SET STATISTICS 0;
COMMENT ON STATISTICS s_kind IS 'how many';
