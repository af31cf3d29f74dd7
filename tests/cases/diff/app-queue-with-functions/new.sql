CREATE SCHEMA q;
CREATE TYPE q.state AS ENUM ('ready', 'waiting', 'running', 'done', 'failed');
CREATE TABLE q.job (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, queue text NOT NULL DEFAULT 'default', payload jsonb NOT NULL,
  state q.state NOT NULL DEFAULT 'waiting', tries smallint NOT NULL DEFAULT 0, run_at timestamptz NOT NULL DEFAULT now(), priority int NOT NULL DEFAULT 0
);
CREATE INDEX job_ready ON q.job (queue, priority DESC, run_at) WHERE state IN ('ready', 'waiting');
CREATE FUNCTION q.push(queue text, payload jsonb, priority int DEFAULT 0) RETURNS bigint LANGUAGE sql AS $$ INSERT INTO q.job (queue, payload, priority) VALUES (queue, payload, priority) RETURNING id $$;
CREATE FUNCTION q.pop(queue_name text, n int DEFAULT 1) RETURNS SETOF q.job LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY UPDATE q.job SET state = 'running', tries = tries + 1
  WHERE id IN (SELECT id FROM q.job WHERE queue = queue_name AND state IN ('ready', 'waiting') ORDER BY priority DESC, run_at LIMIT n FOR UPDATE SKIP LOCKED) RETURNING *;
END $$;
CREATE PROCEDURE q.clean(keep interval DEFAULT '7 days', INOUT gone bigint DEFAULT 0) LANGUAGE plpgsql AS $$ BEGIN DELETE FROM q.job WHERE state = 'done' AND run_at < now() - keep; GET DIAGNOSTICS gone = ROW_COUNT; END $$;
CREATE FUNCTION q.wake() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('q', ''); RETURN NULL; END $$;
CREATE TRIGGER wake AFTER INSERT ON q.job FOR EACH STATEMENT EXECUTE FUNCTION q.wake();
CREATE VIEW q.stats AS SELECT queue, state, count(*) AS n, max(tries) AS tries FROM q.job GROUP BY queue, state;
GRANT USAGE ON SCHEMA q TO app_writer;
GRANT EXECUTE ON FUNCTION q.push(text, jsonb, int) TO app_writer;
