CREATE TYPE temp AS (c numeric);
CREATE FUNCTION to_c(temp) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT $1.c $$;
CREATE CAST (temp AS numeric) WITH FUNCTION to_c(temp);
CREATE TABLE w (t temp);
CREATE VIEW c AS SELECT t::numeric AS c FROM w;
