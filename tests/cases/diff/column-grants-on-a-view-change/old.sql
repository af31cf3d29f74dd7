CREATE TABLE t (a int, b int, c int); CREATE VIEW v AS SELECT * FROM t;
GRANT SELECT (a) ON v TO app_reader; GRANT UPDATE (b) ON v TO app_writer;
