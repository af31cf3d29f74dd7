CREATE TABLE person (id int, first text, last text);
CREATE FUNCTION full_name(p person) RETURNS text LANGUAGE sql STABLE AS $$ SELECT p.first || ' ' || p.last $$;
