CREATE PROCEDURE work(a int) LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
GRANT EXECUTE ON PROCEDURE work(int) TO app_writer;
COMMENT ON PROCEDURE work(int) IS 'does it';
CREATE FUNCTION done(a int) RETURNS int LANGUAGE sql AS $$ SELECT a $$;
