CREATE FUNCTION b_name(v int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT v $$;
CREATE TABLE t (id int DEFAULT b_name(1), CONSTRAINT c CHECK (b_name(id) > 0));
CREATE INDEX i ON t (b_name(id));
CREATE VIEW v AS SELECT b_name(id) AS x FROM t;
