CREATE FUNCTION next_code() RETURNS bigint LANGUAGE sql AS $$ SELECT 7::bigint $$;
CREATE TABLE t (id int, code text DEFAULT next_code()::text);
