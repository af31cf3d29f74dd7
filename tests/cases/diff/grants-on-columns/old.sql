CREATE TABLE t (a int, b int, c int);
GRANT SELECT ON t TO app_reader;
GRANT SELECT (a), UPDATE (a, b) ON t TO app_reader;
GRANT INSERT (c) ON t TO app_writer WITH GRANT OPTION;
CREATE VIEW v AS SELECT a, b FROM t;
GRANT SELECT (a) ON v TO PUBLIC;
