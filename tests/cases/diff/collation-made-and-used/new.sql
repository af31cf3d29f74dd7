CREATE COLLATION plain FROM "C";
CREATE COLLATION german (provider = icu, locale = 'de', deterministic = false);
CREATE TABLE t (id integer, name text COLLATE plain, ort text COLLATE german);
CREATE INDEX t_ort ON t (name COLLATE german);
COMMENT ON COLLATION plain IS 'byte by byte';
