CREATE FUNCTION split(INOUT a int, OUT b int) LANGUAGE sql AS $$ SELECT a / 2, a - a / 2 $$;
CREATE FUNCTION stat(VARIADIC v int[], OUT low int, OUT high int) LANGUAGE sql AS $$ SELECT min(x), max(x) FROM unnest(v) x $$;
