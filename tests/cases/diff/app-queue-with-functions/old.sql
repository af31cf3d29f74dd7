CREATE SCHEMA q;
CREATE TYPE q.state AS ENUM ('ready', 'running', 'done', 'failed');
CREATE TABLE q.job (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, queue text NOT NULL DEFAULT 'default', payload json NOT NULL,
  state q.state NOT NULL DEFAULT 'ready', tries int NOT NULL DEFAULT 0, run_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX job_ready ON q.job (queue, run_at) WHERE state = 'ready';
CREATE FUNCTION q.push(queue text, payload json) RETURNS bigint LANGUAGE sql AS $$ INSERT INTO q.job (queue, payload) VALUES (queue, payload) RETURNING id $$;
CREATE FUNCTION q.pop(queue_name text) RETURNS q.job LANGUAGE plpgsql AS $$
DECLARE j q.job%ROWTYPE;
BEGIN
  UPDATE q.job SET state = 'running', tries = tries + 1
  WHERE id = (SELECT id FROM q.job WHERE queue = queue_name AND state = 'ready' ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING * INTO j;
  RETURN j;
END $$;
CREATE PROCEDURE q.clean(keep interval) LANGUAGE plpgsql AS $$ BEGIN DELETE FROM q.job WHERE state = 'done' AND run_at < now() - keep; END $$;
CREATE FUNCTION q.wake() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('q', NEW.queue); RETURN NULL; END $$;
CREATE TRIGGER wake AFTER INSERT ON q.job FOR EACH ROW EXECUTE FUNCTION q.wake();
CREATE VIEW q.stats AS SELECT queue, state, count(*) AS n FROM q.job GROUP BY queue, state;
GRANT USAGE ON SCHEMA q TO app_writer;
GRANT EXECUTE ON FUNCTION q.push(text, json) TO app_writer;
