CREATE PROCEDURE tally(IN step int, INOUT total int) LANGUAGE plpgsql AS $$ BEGIN total := total + step; END $$;
COMMENT ON PROCEDURE tally(int, int) IS 'adds';
