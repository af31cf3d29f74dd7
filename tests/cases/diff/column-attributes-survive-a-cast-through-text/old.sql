CREATE TABLE t (id integer PRIMARY KEY, a integer NOT NULL);
ALTER TABLE t ALTER a SET STATISTICS 500, ALTER a SET (n_distinct = 5);
COMMENT ON COLUMN t.a IS 'a place';
GRANT SELECT (a) ON t TO app_reader;
