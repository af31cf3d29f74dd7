CREATE FUNCTION slug(title text) RETURNS text LANGUAGE sql IMMUTABLE RETURN lower(title);
CREATE TABLE t (id integer PRIMARY KEY, title text, path text GENERATED ALWAYS AS (slug(title)) STORED);
