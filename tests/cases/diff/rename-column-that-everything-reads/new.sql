CREATE TABLE t (id integer PRIMARY KEY, name text NOT NULL, CONSTRAINT t_name_check CHECK (name <> ''), up text GENERATED ALWAYS AS (upper(name)) STORED);
CREATE INDEX t_name_idx ON t (name);
CREATE VIEW v AS SELECT name FROM t;
CREATE POLICY p ON t USING (name = CURRENT_USER);
GRANT SELECT (name) ON t TO app_reader;
