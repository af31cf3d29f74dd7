CREATE FUNCTION f(int) RETURNS text LANGUAGE sql AS $$ SELECT 'f' $$;
CREATE FUNCTION g(text) RETURNS text LANGUAGE sql AS $$ SELECT 'g' $$;
CREATE VIEW v AS SELECT f(1) AS a, g('x'::text) AS b;
