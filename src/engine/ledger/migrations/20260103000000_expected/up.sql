-- Run with search_path set to the bookkeeping schema: no name here is qualified.

CREATE TABLE expected (
  ledger_schema     text PRIMARY KEY,
  facts             bytea NOT NULL,
  extractor         integer NOT NULL,
  server_major      integer NOT NULL,
  versions          text[] NOT NULL,
  unproved          text,
  operation_id      bigint,
  stored_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  checked_at        timestamptz,
  check_result      text CHECK (check_result IN ('none', 'differs', 'unknown')),
  check_differences integer,
  checked_by        text
);
COMMENT ON TABLE expected IS 'The catalog of the whole database as the migrations make it; drift is what differs from it.';
COMMENT ON COLUMN expected.facts IS 'The catalog as pgkeel reads it, packed by zstd.';
COMMENT ON COLUMN expected.versions IS 'The migrations that the facts account for: where the ledger has others, drift is unknown.';
COMMENT ON COLUMN expected.operation_id IS 'The run that stored it; after a restore one of the database that the backup was taken of.';
COMMENT ON COLUMN expected.unproved IS 'Why it is not sure that the migrations make this; NULL where it is.';
