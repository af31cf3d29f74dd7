CREATE FUNCTION a_name(v int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT v $$;
CREATE TABLE t (id int DEFAULT a_name(1), CONSTRAINT c CHECK (a_name(id) > 0));
CREATE INDEX i ON t (a_name(id));
CREATE VIEW v AS SELECT a_name(id) AS x FROM t;
