-- Two saved searches.
INSERT INTO saved_searches AS t (id, user_id, name, keywords, location, language, metadata, last_accessed_at,
  created_at, updated_at)
VALUES
  ('seed_search_shoes', 'clerk_user_123', 'Running shoes', ARRAY['running shoes', 'trail shoes'], 'US', 'en', '{"volume": 12000}', TIMESTAMPTZ '2025-04-03 10:00:00+00', TIMESTAMPTZ '2025-04-02 10:00:00+00', TIMESTAMPTZ '2025-04-02 10:00:00+00'),
  ('seed_search_tea',   'test_user_1',    'Tea',           ARRAY['green tea'],                    'GB', 'en', '{}',                NULL,                                 TIMESTAMPTZ '2025-04-02 11:00:00+00', TIMESTAMPTZ '2025-04-02 11:00:00+00')
ON CONFLICT (id) DO UPDATE
SET user_id = EXCLUDED.user_id, name = EXCLUDED.name, keywords = EXCLUDED.keywords, location = EXCLUDED.location,
    language = EXCLUDED.language, metadata = EXCLUDED.metadata, last_accessed_at = EXCLUDED.last_accessed_at,
    created_at = EXCLUDED.created_at, updated_at = EXCLUDED.updated_at
WHERE (t.user_id, t.name, t.keywords, t.location, t.language, t.metadata, t.last_accessed_at, t.created_at,
      t.updated_at)
  IS DISTINCT FROM (EXCLUDED.user_id, EXCLUDED.name, EXCLUDED.keywords, EXCLUDED.location, EXCLUDED.language,
    EXCLUDED.metadata, EXCLUDED.last_accessed_at, EXCLUDED.created_at, EXCLUDED.updated_at);

-- Twenty searches, two of them anonymous.
-- Ids below zero are for seeds: the identity never gives them out, so an application's rows never meet them.
INSERT INTO search_history AS t (id, user_id, keywords, provider, result_count, response_time, cache_hit,
  searched_at)
OVERRIDING SYSTEM VALUE
SELECT
  -n,
  CASE WHEN n > 18 THEN NULL WHEN n % 6 = 0 THEN 'test_user_1' ELSE 'clerk_user_123' END,
  ARRAY['keyword ' || n],
  CASE WHEN n % 4 = 0 THEN 'dataforseo' ELSE 'google_ads' END,
  5 * n,
  CASE WHEN n % 5 = 0 THEN 900 ELSE 40 + 10 * n END,
  n % 3 = 0,
  TIMESTAMPTZ '2025-04-02 08:00:00+00' + n * INTERVAL '2 hours'
FROM generate_series(1, 20) AS n
ON CONFLICT (id) DO UPDATE
SET user_id = EXCLUDED.user_id, keywords = EXCLUDED.keywords, provider = EXCLUDED.provider,
    result_count = EXCLUDED.result_count, response_time = EXCLUDED.response_time, cache_hit = EXCLUDED.cache_hit,
    searched_at = EXCLUDED.searched_at
WHERE (t.user_id, t.keywords, t.provider, t.result_count, t.response_time, t.cache_hit, t.searched_at)
  IS DISTINCT FROM (EXCLUDED.user_id, EXCLUDED.keywords, EXCLUDED.provider, EXCLUDED.result_count,
    EXCLUDED.response_time, EXCLUDED.cache_hit, EXCLUDED.searched_at);
