CREATE FUNCTION a() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE FUNCTION b() RETURNS int LANGUAGE sql SET search_path = '' AS $$ SELECT 1 $$;
CREATE FUNCTION c() RETURNS int LANGUAGE sql SET DateStyle = 'ISO, DMY' SET TimeZone = 'Europe/Zurich' AS $$ SELECT 1 $$;
