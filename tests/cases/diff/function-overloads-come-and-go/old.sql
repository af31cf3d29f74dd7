CREATE FUNCTION area(r int) RETURNS int LANGUAGE sql AS $$ SELECT r * r $$;
CREATE FUNCTION area(w int, h int) RETURNS int LANGUAGE sql AS $$ SELECT w * h $$;
CREATE FUNCTION area(r text) RETURNS text LANGUAGE sql AS $$ SELECT r $$;
COMMENT ON FUNCTION area(int) IS 'square';
GRANT EXECUTE ON FUNCTION area(int, int) TO app_reader;
