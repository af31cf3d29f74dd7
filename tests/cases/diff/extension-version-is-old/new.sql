CREATE EXTENSION pg_trgm;
CREATE TABLE t (n text);
CREATE INDEX t_n ON t USING gin (n gin_trgm_ops);
