CREATE FUNCTION slug(s text) RETURNS text LANGUAGE sql IMMUTABLE RETURN lower(s);
CREATE TABLE t (id integer PRIMARY KEY, title text, path text GENERATED ALWAYS AS (slug(title)) STORED);
