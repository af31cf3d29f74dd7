-- Two keys of the verified user, one of them expired. The keys are `ck_dev_live` and `ck_dev_old`.
INSERT INTO api_keys AS t (id, user_id, name, key_prefix, key_hash, expires_at, created_at)
VALUES
  ('00000000-0000-4000-8002-000000000001', '00000000-0000-4000-8001-000000000001', 'laptop',     'ck_dev_live', '$2b$10$cdefghijklmnopqrstuvwu/3nXFAHWDry23BWGUAEhWLZqwYTDxqS', NULL,                                 TIMESTAMPTZ '2025-02-01 09:00:00+00'),
  ('00000000-0000-4000-8002-000000000002', '00000000-0000-4000-8001-000000000001', 'old laptop', 'ck_dev_old',  '$2b$10$defghijklmnopqrstuvwxul6ew0B2Tsgvc2BJQyj9SanCXBtdC1zO', TIMESTAMPTZ '2025-02-15 00:00:00+00', TIMESTAMPTZ '2025-02-01 09:00:00+00')
ON CONFLICT (id) DO UPDATE
SET user_id = EXCLUDED.user_id, name = EXCLUDED.name, key_prefix = EXCLUDED.key_prefix,
    key_hash = EXCLUDED.key_hash, expires_at = EXCLUDED.expires_at, created_at = EXCLUDED.created_at
WHERE (t.user_id, t.name, t.key_prefix, t.key_hash, t.expires_at, t.created_at)
  IS DISTINCT FROM (EXCLUDED.user_id, EXCLUDED.name, EXCLUDED.key_prefix, EXCLUDED.key_hash, EXCLUDED.expires_at,
    EXCLUDED.created_at);
