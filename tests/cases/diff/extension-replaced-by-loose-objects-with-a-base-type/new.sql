CREATE TYPE hstore;
CREATE FUNCTION hstore_in(cstring) RETURNS hstore LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION hstore_out(hstore) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE hstore (INPUT = hstore_in, OUTPUT = hstore_out, LIKE = text);
CREATE FUNCTION fetchval(hstore, text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$SELECT $2$$;
CREATE OPERATOR -> (LEFTARG = hstore, RIGHTARG = text, FUNCTION = fetchval);
CREATE DOMAIN isbn AS text;
CREATE VIEW v AS SELECT 1 AS a;
