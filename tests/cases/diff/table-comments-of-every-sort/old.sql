CREATE TABLE t (id integer PRIMARY KEY, n integer);
CREATE INDEX i ON t (n);
COMMENT ON TABLE t IS 'old words';
COMMENT ON COLUMN t.n IS 'goes';
COMMENT ON INDEX i IS 'stays';
