CREATE SCHEMA ext;
CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm SCHEMA ext;
CREATE TABLE t (c citext, n text);
CREATE INDEX t_n ON t USING gin (n ext.gin_trgm_ops);
CREATE VIEW v AS SELECT c, ext.similarity(n, 'x') AS s FROM t;
