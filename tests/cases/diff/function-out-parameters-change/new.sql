CREATE FUNCTION split(INOUT a int, OUT b int, OUT c int) LANGUAGE sql AS $$ SELECT a / 3, a / 3, a - 2 * (a / 3) $$;
CREATE FUNCTION stat(VARIADIC v int[], OUT high int, OUT low int) LANGUAGE sql AS $$ SELECT max(x), min(x) FROM unnest(v) x $$;
