-- Run with search_path set to the bookkeeping schema: no name here is qualified.

ALTER TABLE migration ADD COLUMN command text,
  ADD COLUMN has_up boolean NOT NULL DEFAULT false, ADD COLUMN has_down boolean NOT NULL DEFAULT false;
UPDATE migration m SET has_up = up_sql IS NOT NULL, has_down = down_sql IS NOT NULL,
  command = (SELECT o.command FROM operation o WHERE o.id = m.operation_id);
COMMENT ON COLUMN migration.command IS 'The command of that operation.';
COMMENT ON COLUMN migration.has_up IS 'Whether up_sql is stored: who asks for that reads no SQL.';

CREATE TABLE last_operation (
  ledger_schema text PRIMARY KEY,
  id            bigint NOT NULL,
  command       text NOT NULL,
  started_at    timestamptz NOT NULL,
  outcome       text,
  os_user       text NOT NULL,
  host          text NOT NULL,
  client_pid    integer NOT NULL,
  backend_pid   integer NOT NULL
);
INSERT INTO last_operation (ledger_schema, id, command, started_at, outcome, os_user, host, client_pid, backend_pid)
  SELECT DISTINCT ON (ledger_schema) ledger_schema, id, command, started_at, outcome, os_user, host, client_pid, backend_pid
  FROM operation ORDER BY ledger_schema, id DESC;
COMMENT ON TABLE last_operation IS 'Of each ledger, the newest row of operation once more: a COPY reads it without the others.';
