CREATE TYPE temp AS (c numeric);
CREATE FUNCTION to_c(degrees temp) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT round((degrees).c) $$;
CREATE FUNCTION to_f(t temp) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT ((t).c * 9 / 5 + 32)::text $$;
CREATE CAST (temp AS numeric) WITH FUNCTION to_c(temp);
CREATE CAST (temp AS text) WITH FUNCTION to_f(temp);
CREATE TABLE w (t temp);
CREATE VIEW c AS SELECT t::numeric AS c, t::text AS f FROM w;
