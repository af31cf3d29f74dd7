CREATE TABLE t (a integer, b integer);
CREATE INDEX i ON t (a, (a + b), (a - b));
ALTER INDEX i ALTER COLUMN 3 SET STATISTICS 50;
COMMENT ON INDEX i IS 'sums';
