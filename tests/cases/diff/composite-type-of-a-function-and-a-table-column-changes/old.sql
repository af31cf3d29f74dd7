CREATE TYPE addr AS (street text, no int);
CREATE FUNCTION home() RETURNS addr LANGUAGE sql AS $$ SELECT 'x', 1 $$;
CREATE VIEW homes AS SELECT (home()).street AS street, home() AS a;
CREATE FUNCTION show(a addr) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT a.street $$;
