CREATE FUNCTION next_code() RETURNS text LANGUAGE sql VOLATILE AS $$SELECT 'a'::text$$;
CREATE TABLE t (id integer PRIMARY KEY, code text DEFAULT next_code());
CREATE TABLE u (id integer PRIMARY KEY, code text DEFAULT 'u-' || next_code());
