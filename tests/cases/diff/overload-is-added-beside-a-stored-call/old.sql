CREATE FUNCTION f(bigint) RETURNS text LANGUAGE sql AS $$ SELECT 'big' $$;
CREATE TABLE t (id int);
CREATE VIEW v AS SELECT f(id) AS which FROM t;
