CREATE FUNCTION f(text) RETURNS text LANGUAGE sql AS $$ SELECT 'f' $$;
CREATE FUNCTION g(int) RETURNS text LANGUAGE sql AS $$ SELECT 'g' $$;
CREATE VIEW v AS SELECT f('x'::text) AS a, g(1) AS b;
