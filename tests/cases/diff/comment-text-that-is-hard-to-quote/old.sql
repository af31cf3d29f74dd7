CREATE TABLE t (a int, b int, c int, d int);
COMMENT ON COLUMN t.a IS 'plain';
COMMENT ON COLUMN t.b IS E'two\nlines';
COMMENT ON COLUMN t.d IS 'goes';
