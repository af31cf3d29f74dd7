CREATE FUNCTION add(a int, b int) RETURNS int LANGUAGE sql AS $$ SELECT a + b $$;
REVOKE EXECUTE ON FUNCTION add(int, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION add(int, int) TO app_reader;
COMMENT ON FUNCTION add(int, int) IS 'a sum';
