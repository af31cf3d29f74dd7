CREATE FUNCTION work(a int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
GRANT EXECUTE ON FUNCTION work(int) TO app_writer;
COMMENT ON FUNCTION work(int) IS 'does it';
CREATE PROCEDURE done(a int) LANGUAGE sql AS $$ SELECT a $$;
