-- Run with search_path set to the bookkeeping schema: no name here is qualified.

ALTER TABLE operation ADD COLUMN backup text, ADD COLUMN lsn text;
COMMENT ON COLUMN operation.backup IS 'The backup that was taken before the run, or that a restore brought back.';
COMMENT ON COLUMN operation.lsn IS 'Position of the write-ahead log just before the run: a target for point-in-time recovery.';
