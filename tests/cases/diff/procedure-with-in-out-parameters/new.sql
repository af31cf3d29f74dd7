CREATE PROCEDURE tally(IN step int, INOUT total bigint) LANGUAGE plpgsql AS $$ BEGIN total := total + step; END $$;
COMMENT ON PROCEDURE tally(int, bigint) IS 'adds';
