CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS $$ SELECT 1::bigint $$;
CREATE FUNCTION f(a int, b int DEFAULT f()::int) RETURNS int LANGUAGE sql AS $$ SELECT a + b $$;
