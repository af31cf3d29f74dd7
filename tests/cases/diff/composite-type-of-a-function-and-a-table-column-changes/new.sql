CREATE TYPE addr AS (street text, no text, city text);
CREATE FUNCTION home() RETURNS addr LANGUAGE sql AS $$ SELECT 'x', '1a', 'c' $$;
CREATE VIEW homes AS SELECT (home()).street AS street, home() AS a;
CREATE FUNCTION show(a addr) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT a.street || a.city $$;
