CREATE TABLE t (id int);
CREATE FUNCTION my_handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION my_validator(oid) RETURNS void LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_validator';
CREATE TRUSTED LANGUAGE myplpgsql HANDLER my_handler VALIDATOR my_validator;
COMMENT ON LANGUAGE myplpgsql IS 'the same again';
GRANT USAGE ON LANGUAGE myplpgsql TO app_reader;
CREATE FUNCTION one() RETURNS int LANGUAGE myplpgsql AS $$ BEGIN RETURN 1; END $$;
