CREATE FUNCTION a() RETURNS int LANGUAGE sql SET search_path = '' AS $$ SELECT 1 $$;
CREATE FUNCTION b() RETURNS int LANGUAGE sql SET search_path = "$user", public AS $$ SELECT 1 $$;
CREATE FUNCTION c() RETURNS int LANGUAGE sql SET app.motto = 'it''s, "so"' SET extra_float_digits = -1 AS $$ SELECT 1 $$;
