CREATE SCHEMA lib;
CREATE EXTENSION unaccent SCHEMA lib;
CREATE FUNCTION lib.plain(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lib.unaccent('lib.unaccent', t) $$;
CREATE TEXT SEARCH CONFIGURATION lib.fr (COPY = pg_catalog.french);
ALTER TEXT SEARCH CONFIGURATION lib.fr ALTER MAPPING FOR hword, hword_part, word WITH lib.unaccent, french_stem;
CREATE TABLE doc (t text, tsv tsvector GENERATED ALWAYS AS (to_tsvector('lib.fr', lib.plain(t))) STORED);
