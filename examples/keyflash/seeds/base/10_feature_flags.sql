-- The flags that every installation starts with. How far one is rolled out is decided there, so that is left alone.
INSERT INTO feature_flags AS t (key, enabled, rollout_percentage, description, updated_at)
VALUES
  ('bulk_export',  false, 0,   'Export of many searches at once', TIMESTAMPTZ '2025-04-01 09:00:00+00'),
  ('new_ranking',  true,  50,  'The new order of results',        TIMESTAMPTZ '2025-04-01 09:00:00+00'),
  ('result_cache', true,  100, 'Results from Redis',              TIMESTAMPTZ '2025-04-01 09:00:00+00')
ON CONFLICT (key) DO UPDATE
SET description = EXCLUDED.description
WHERE t.description IS DISTINCT FROM EXCLUDED.description;
