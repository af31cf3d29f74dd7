CREATE FUNCTION guard() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN IF tg_tag = 'CREATE VIEW' THEN RAISE EXCEPTION 'no views'; END IF; END $$;
CREATE EVENT TRIGGER guard ON ddl_command_end EXECUTE FUNCTION guard();
