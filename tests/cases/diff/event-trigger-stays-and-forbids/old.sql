CREATE TABLE t (id int);
CREATE TABLE gone (id int);
CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no drops here'; END $$;
CREATE EVENT TRIGGER no_drop ON sql_drop EXECUTE FUNCTION refuse();
COMMENT ON EVENT TRIGGER no_drop IS 'keeps tables';
