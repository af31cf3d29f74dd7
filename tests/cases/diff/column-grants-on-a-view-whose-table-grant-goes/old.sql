CREATE TABLE t (a int, b int, c int); CREATE VIEW v AS SELECT * FROM t;
GRANT SELECT ON v TO app_reader; GRANT SELECT (a), UPDATE (b) ON v TO app_reader;
