CREATE COLLATION german (provider = icu, locale = 'de-DE', deterministic = false);
CREATE COLLATION plain (provider = libc, lc_collate = 'C', lc_ctype = 'POSIX');
CREATE COLLATION "Ünï ""q""" (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE t (a text COLLATE german, b text COLLATE plain);
CREATE INDEX t_a ON t (a);
CREATE VIEW v AS SELECT b COLLATE german AS b FROM t;
COMMENT ON COLLATION german IS 'telephone book';
