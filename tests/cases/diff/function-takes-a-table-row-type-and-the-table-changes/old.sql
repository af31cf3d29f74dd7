CREATE TABLE person (id int, first text);
CREATE FUNCTION full_name(p person) RETURNS text LANGUAGE sql STABLE AS $$ SELECT p.first $$;
