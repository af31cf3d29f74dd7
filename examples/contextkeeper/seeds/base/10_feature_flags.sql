-- The flags that every installation starts with. Whether one is on is decided there, so that is left alone.
INSERT INTO feature_flags AS t (key, description, enabled, rollout_percentage, created_at, updated_at)
VALUES
  ('git_snapshots',   'Record where the working copy stands', false, 0,  TIMESTAMPTZ '2025-02-01 09:00:00+00', TIMESTAMPTZ '2025-02-01 09:00:00+00'),
  ('semantic_search', 'Search in the files of a session',     true,  50, TIMESTAMPTZ '2025-02-01 09:00:00+00', TIMESTAMPTZ '2025-02-01 09:00:00+00')
ON CONFLICT (key) DO UPDATE
SET description = EXCLUDED.description, created_at = EXCLUDED.created_at
WHERE (t.description, t.created_at)
  IS DISTINCT FROM (EXCLUDED.description, EXCLUDED.created_at);
