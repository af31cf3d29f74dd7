CREATE SCHEMA app;
SET check_function_bodies = off;
CREATE FUNCTION app.is_even(n int) RETURNS boolean LANGUAGE sql AS $$ SELECT n = 0 OR app.is_odd(n - 1) $$;
CREATE FUNCTION app.is_odd(n int) RETURNS boolean LANGUAGE sql AS $$ SELECT n <> 0 AND app.is_even(n - 1) $$;
