CREATE FUNCTION next_code() RETURNS varchar LANGUAGE sql VOLATILE AS $$SELECT 'b'::varchar$$;
CREATE TABLE t (id integer PRIMARY KEY, code text DEFAULT next_code());
CREATE TABLE u (id integer PRIMARY KEY, code text DEFAULT 'u-' || next_code());
