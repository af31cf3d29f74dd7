CREATE SCHEMA es;
CREATE TABLE es.stream (id uuid PRIMARY KEY, kind text NOT NULL, version int NOT NULL DEFAULT 0);
CREATE TABLE es.event (
  stream uuid NOT NULL REFERENCES es.stream, version int NOT NULL, at timestamptz NOT NULL, kind text NOT NULL, data jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (stream, version, at)
) PARTITION BY RANGE (at);
CREATE TABLE es.event_2024_01 PARTITION OF es.event FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2024-02-01 00:00+00');
CREATE TABLE es.event_rest PARTITION OF es.event DEFAULT;
CREATE INDEX event_kind ON es.event (kind, at);
CREATE FUNCTION es.bump() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN UPDATE es.stream SET version = NEW.version WHERE id = NEW.stream AND version = NEW.version - 1; RETURN NULL; END $$;
CREATE TRIGGER bump AFTER INSERT ON es.event FOR EACH ROW EXECUTE FUNCTION es.bump();
CREATE RULE event_keep AS ON DELETE TO es.stream DO INSTEAD NOTHING;
CREATE VIEW es.last_event AS SELECT DISTINCT ON (stream) stream, version, kind, data FROM es.event ORDER BY stream, version DESC;
CREATE MATERIALIZED VIEW es.kinds AS SELECT kind, count(*) AS n FROM es.event GROUP BY kind;
CREATE PUBLICATION events FOR TABLE es.event WITH (publish = 'insert', publish_via_partition_root = true);
GRANT USAGE ON SCHEMA es TO app_writer;
GRANT INSERT ON es.event, es.stream TO app_writer;
