CREATE SCHEMA es;
CREATE TABLE es.stream (id uuid PRIMARY KEY, kind text NOT NULL, version bigint NOT NULL DEFAULT 0);
CREATE TABLE es.event (
  stream uuid NOT NULL REFERENCES es.stream, version int NOT NULL, at timestamptz NOT NULL, kind text NOT NULL, data jsonb NOT NULL DEFAULT '{}', meta jsonb,
  CONSTRAINT is_object CHECK (jsonb_typeof(data) = 'object'),
  PRIMARY KEY (stream, version, at)
) PARTITION BY RANGE (at);
CREATE TABLE es.event_2024_01 PARTITION OF es.event FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2024-02-01 00:00+00');
CREATE TABLE es.event_2024_02 PARTITION OF es.event FOR VALUES FROM ('2024-02-01 00:00+00') TO ('2024-03-01 00:00+00') WITH (fillfactor = 100);
CREATE TABLE es.event_rest PARTITION OF es.event DEFAULT;
CREATE INDEX event_kind ON es.event (kind, at DESC) INCLUDE (stream);
CREATE INDEX event_data ON es.event USING gin (data jsonb_path_ops);
CREATE FUNCTION es.bump() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN UPDATE es.stream SET version = NEW.version WHERE id = NEW.stream AND version = NEW.version - 1; IF NOT FOUND THEN RAISE EXCEPTION 'conflict'; END IF; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER bump AFTER INSERT ON es.event_2024_02 DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION es.bump();
CREATE TRIGGER bump_all AFTER INSERT ON es.event FOR EACH ROW WHEN (NEW.version > 1) EXECUTE FUNCTION es.bump();
CREATE RULE event_keep AS ON DELETE TO es.stream WHERE OLD.version > 0 DO INSTEAD NOTHING;
CREATE VIEW es.last_event AS SELECT DISTINCT ON (e.stream) e.stream, s.version AS total, e.version, e.kind, e.data, e.meta FROM es.event e JOIN es.stream s ON s.id = e.stream ORDER BY e.stream, e.version DESC;
CREATE MATERIALIZED VIEW es.kinds AS SELECT kind, count(*) AS n, max(at) AS last FROM es.event GROUP BY kind;
CREATE UNIQUE INDEX kinds_kind ON es.kinds (kind);
CREATE PUBLICATION events FOR TABLE es.event, es.stream WITH (publish = 'insert', publish_via_partition_root = true);
GRANT USAGE ON SCHEMA es TO app_writer;
GRANT INSERT ON es.event, es.stream TO app_writer;
GRANT SELECT ON es.kinds TO app_reader;
