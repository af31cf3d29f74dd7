CREATE TABLE pg_settings (name text);
CREATE FUNCTION lower(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE TYPE text AS ENUM ('x');
CREATE TABLE t (a pg_catalog.text DEFAULT public.lower('A'), b public.text DEFAULT 'x');
CREATE INDEX i ON t (public.lower(a));
CREATE VIEW v AS SELECT name FROM public.pg_settings;
