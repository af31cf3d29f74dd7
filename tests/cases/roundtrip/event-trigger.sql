-- Event triggers, one of them disabled and one only for replicas.
-- refused: createdb restore,in-place,rollback 3 only a superuser can create an event trigger
-- refused: owner in-place 3 only a superuser can create an event trigger
--- migration
CREATE TABLE seen (id serial PRIMARY KEY, what text);
INSERT INTO seen (what) VALUES ('before');
CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN PERFORM 1; END';
--- superuser
CREATE EVENT TRIGGER watching ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE') EXECUTE FUNCTION watch();
CREATE EVENT TRIGGER "Sleeping" ON sql_drop EXECUTE FUNCTION watch();
ALTER EVENT TRIGGER "Sleeping" DISABLE;
CREATE EVENT TRIGGER for_replicas ON ddl_command_start EXECUTE FUNCTION watch();
ALTER EVENT TRIGGER for_replicas ENABLE REPLICA;
COMMENT ON EVENT TRIGGER watching IS 'watches';
