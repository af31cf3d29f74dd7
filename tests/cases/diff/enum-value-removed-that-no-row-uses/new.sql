CREATE TYPE mood AS ENUM ('happy', 'sad');
CREATE TABLE t (id integer PRIMARY KEY, m mood DEFAULT 'sad' NOT NULL, ms mood[] DEFAULT '{sad,happy}', CONSTRAINT not_sad CHECK (m > 'sad'::mood OR id > 0), g mood GENERATED ALWAYS AS (CASE WHEN id > 5 THEN 'sad'::mood ELSE 'happy'::mood END) STORED);
CREATE INDEX t_m ON t (m) WHERE m = 'happy'::mood;
CREATE INDEX t_ms ON t USING gin (ms);
CREATE VIEW v AS SELECT m, ms FROM t WHERE m <> 'sad'::mood;
CREATE FUNCTION usual(a mood DEFAULT 'sad', b mood[] DEFAULT '{}') RETURNS mood LANGUAGE sql RETURN a;
GRANT USAGE ON TYPE mood TO app_reader;
COMMENT ON TYPE mood IS 'how one feels';
