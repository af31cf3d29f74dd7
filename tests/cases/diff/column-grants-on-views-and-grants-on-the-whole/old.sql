CREATE TABLE t (a int, b int, c int); CREATE VIEW v AS SELECT * FROM t; CREATE MATERIALIZED VIEW m AS SELECT * FROM t;
GRANT SELECT ON v TO app_reader; GRANT INSERT ON v TO app_writer; GRANT SELECT (a) ON v TO app_reader; GRANT INSERT (c) ON v TO app_writer;
GRANT SELECT ON m TO app_reader; GRANT SELECT (a) ON m TO app_reader;
