CREATE FUNCTION area(r int) RETURNS int LANGUAGE sql AS $$ SELECT r * r $$;
CREATE FUNCTION area(w int, h int) RETURNS int LANGUAGE sql AS $$ SELECT abs(w * h) $$;
CREATE FUNCTION area(r numeric) RETURNS numeric LANGUAGE sql AS $$ SELECT r * r $$;
CREATE FUNCTION area() RETURNS int LANGUAGE sql AS $$ SELECT 0 $$;
COMMENT ON FUNCTION area(int, int) IS 'rectangle';
GRANT EXECUTE ON FUNCTION area(int) TO app_reader;
