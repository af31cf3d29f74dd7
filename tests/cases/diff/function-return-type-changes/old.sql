CREATE FUNCTION next_code() RETURNS int LANGUAGE sql AS $$ SELECT 7 $$;
CREATE TABLE t (id int, code text DEFAULT next_code()::text);
