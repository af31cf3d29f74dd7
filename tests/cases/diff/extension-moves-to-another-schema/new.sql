CREATE SCHEMA ext;
CREATE EXTENSION citext SCHEMA ext;
CREATE EXTENSION pg_trgm SCHEMA public;
CREATE TABLE t (c ext.citext, n text);
CREATE INDEX t_n ON t USING gin (n gin_trgm_ops);
CREATE VIEW v AS SELECT c, similarity(n, 'x') AS s FROM t;
