CREATE FUNCTION f(a int, text) RETURNS int LANGUAGE sql AS $$ SELECT a $$;
