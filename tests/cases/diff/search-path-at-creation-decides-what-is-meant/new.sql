CREATE SCHEMA a; CREATE SCHEMA b;
CREATE TABLE a.t (id int); CREATE TABLE b.t (id text);
CREATE FUNCTION a.f(int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 1 $$;
CREATE FUNCTION b.f(int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 2 $$;
SET search_path = b, public;
CREATE VIEW public.v AS SELECT f(1) AS x, t.id::pg_catalog.text AS id FROM t;
CREATE TABLE public.d (n int DEFAULT f(3) CHECK (f(n) > 0));
RESET search_path;
