CREATE TABLE pg_notes (id int, "Xmin" int);
CREATE TABLE pg_class (oid bigint, relname text);
CREATE TYPE text AS (v int);
CREATE FUNCTION now() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE VIEW v AS SELECT pg_catalog.now() AS a, public.now() AS b, 'x'::pg_catalog.text AS c, ROW(1)::public.text AS d, c.oid FROM public.pg_class c;
