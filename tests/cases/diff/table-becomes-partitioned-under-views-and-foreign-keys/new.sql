CREATE TABLE event (id integer PRIMARY KEY, note text) PARTITION BY HASH (id);
CREATE TABLE event_0 PARTITION OF event FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE ticket (event_id integer REFERENCES event);
CREATE VIEW noted AS SELECT id FROM event WHERE note <> '';
CREATE FUNCTION named(e event) RETURNS text LANGUAGE sql RETURN (e).note;
GRANT SELECT ON event, noted TO app_reader;
COMMENT ON TABLE event IS 'what happens';
