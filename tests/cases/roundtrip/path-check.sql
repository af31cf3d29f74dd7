-- CHECKs of a table and of a domain call a function that finds another by the search_path.
--- migration
CREATE SCHEMA helpers;
CREATE FUNCTION helpers.is_code(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1 ~ ''^[A-Z]''; END';
CREATE FUNCTION public.valid_code(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
  AS 'BEGIN RETURN helpers.is_code($1) AND length_of($1) > 1; END';
CREATE FUNCTION public.length_of(text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT length($1)';
CREATE DOMAIN public.code AS text CHECK (public.valid_code(VALUE));
CREATE TABLE public.parts (id serial PRIMARY KEY, code public.code, other text CHECK (public.valid_code(other)));
INSERT INTO public.parts (code, other) SELECT 'C' || n, 'D' || n FROM generate_series(1, 20) n;
