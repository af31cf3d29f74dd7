CREATE TABLE t (id integer PRIMARY KEY, nam text NOT NULL, CONSTRAINT t_nam_check CHECK (nam <> ''), up text GENERATED ALWAYS AS (upper(nam)) STORED);
CREATE INDEX t_nam_idx ON t (nam);
CREATE VIEW v AS SELECT nam FROM t;
CREATE POLICY p ON t USING (nam = CURRENT_USER);
GRANT SELECT (nam) ON t TO app_reader;
