CREATE FUNCTION double(value int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT value * 2 $$;
CREATE TABLE t (id int);
CREATE VIEW doubled AS SELECT double(id) AS d FROM t;
CREATE INDEX t_double ON t (double(id));
GRANT SELECT ON doubled TO app_reader;
REVOKE ALL ON FUNCTION double(int) FROM PUBLIC;
