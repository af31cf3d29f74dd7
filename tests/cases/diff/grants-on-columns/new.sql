CREATE TABLE t (a int, b int, c int);
GRANT SELECT (a), UPDATE (b, c), REFERENCES (a) ON t TO app_reader;
GRANT INSERT (c) ON t TO app_writer;
CREATE VIEW v AS SELECT a, b FROM t;
GRANT SELECT (b) ON v TO app_reader;
