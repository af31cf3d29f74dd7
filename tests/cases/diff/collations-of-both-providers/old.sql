CREATE COLLATION german (provider = icu, locale = 'de-DE');
CREATE COLLATION plain (provider = libc, locale = 'C');
CREATE COLLATION going FROM "POSIX";
CREATE TABLE t (a text COLLATE german, b text COLLATE plain);
CREATE INDEX t_a ON t (a);
CREATE VIEW v AS SELECT b COLLATE german AS b FROM t;
COMMENT ON COLLATION german IS 'telephone book';
