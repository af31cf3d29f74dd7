-- Seven days.
-- Ids below zero are for seeds: the identity never gives them out, so an application's rows never meet them.
INSERT INTO usage_stats AS t (id, user_id, date, api_calls, sessions_count, storage_bytes)
OVERRIDING SYSTEM VALUE
SELECT -day, '00000000-0000-4000-8001-000000000001'::uuid, DATE '2025-02-02' + day, 40 + 7 * day, 1, 1024 * day
FROM generate_series(1, 7) AS day
ON CONFLICT (id) DO UPDATE
SET user_id = EXCLUDED.user_id, date = EXCLUDED.date, api_calls = EXCLUDED.api_calls,
    sessions_count = EXCLUDED.sessions_count, storage_bytes = EXCLUDED.storage_bytes
WHERE (t.user_id, t.date, t.api_calls, t.sessions_count, t.storage_bytes)
  IS DISTINCT FROM (EXCLUDED.user_id, EXCLUDED.date, EXCLUDED.api_calls, EXCLUDED.sessions_count,
    EXCLUDED.storage_bytes);
