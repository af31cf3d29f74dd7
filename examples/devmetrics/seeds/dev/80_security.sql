-- One key for each paying use. The keys are `dm_dev_ci` and `dm_dev_bi`.
INSERT INTO api_keys AS t (id, organization_id, created_by, name, key_prefix, key_hash, scopes, expires_at,
  created_at)
VALUES
  ('seed_key_ci', 'seed_org_techcorp', 'seed_user_alice', 'CI',      'dm_dev_ci', '$2b$10$efghijklmnopqrstuvwxyuK8MzsK7Hta/ullLLOHNaj4b3Xq5vAXS', ARRAY['metrics:write'], NULL,                                 TIMESTAMPTZ '2025-11-04 22:30:00+00'),
  ('seed_key_bi', 'seed_org_startup',  'seed_user_bob',   'Reports', 'dm_dev_bi', '$2b$10$fghijklmnopqrstuvwxyzuvVlFGK61DBzkwhjf/aa2GOpUums./E6', ARRAY['metrics:read'],  TIMESTAMPTZ '2035-01-01 00:00:00+00', TIMESTAMPTZ '2025-11-04 22:30:00+00')
ON CONFLICT (id) DO UPDATE
SET organization_id = EXCLUDED.organization_id, created_by = EXCLUDED.created_by, name = EXCLUDED.name,
    key_prefix = EXCLUDED.key_prefix, key_hash = EXCLUDED.key_hash, scopes = EXCLUDED.scopes,
    expires_at = EXCLUDED.expires_at, created_at = EXCLUDED.created_at
WHERE (t.organization_id, t.created_by, t.name, t.key_prefix, t.key_hash, t.scopes, t.expires_at, t.created_at)
  IS DISTINCT FROM (EXCLUDED.organization_id, EXCLUDED.created_by, EXCLUDED.name, EXCLUDED.key_prefix,
    EXCLUDED.key_hash, EXCLUDED.scopes, EXCLUDED.expires_at, EXCLUDED.created_at);

-- Ten rows of the trail, two of them older than its first partition.
-- Ids below zero are for seeds: the identity never gives them out, so an application's rows never meet them.
INSERT INTO audit_logs AS t (id, organization_id, user_id, action, resource_type, resource_id, ip_address, metadata,
  created_at)
VALUES
  (-1,  'seed_org_techcorp', 'seed_user_alice', 'user.sign_in',    'user',       NULL, '192.0.2.10', '{}', TIMESTAMPTZ '2024-12-30 12:00:00+00'),
  (-2,  'seed_org_startup',  'seed_user_bob',   'repository.read', 'repository', NULL, '192.0.2.11', '{}', TIMESTAMPTZ '2024-12-31 12:00:00+00'),
  (-3,  'seed_org_techcorp', 'seed_user_alice', 'api_key.create',  'api_key',    NULL, '192.0.2.12', '{}', TIMESTAMPTZ '2025-11-05 12:00:00+00'),
  (-4,  'seed_org_startup',  'seed_user_bob',   'rule.update',     'rule',       NULL, '192.0.2.13', '{}', TIMESTAMPTZ '2025-11-05 13:00:00+00'),
  (-5,  'seed_org_techcorp', 'seed_user_alice', 'export.create',   'export',     NULL, '192.0.2.14', '{}', TIMESTAMPTZ '2025-11-05 14:00:00+00'),
  (-6,  'seed_org_startup',  'seed_user_bob',   'user.sign_in',    'user',       NULL, '192.0.2.15', '{}', TIMESTAMPTZ '2025-11-05 15:00:00+00'),
  (-7,  'seed_org_techcorp', 'seed_user_alice', 'repository.read', 'repository', NULL, '192.0.2.16', '{}', TIMESTAMPTZ '2025-11-05 16:00:00+00'),
  (-8,  'seed_org_startup',  'seed_user_bob',   'api_key.create',  'api_key',    NULL, '192.0.2.17', '{}', TIMESTAMPTZ '2025-11-05 17:00:00+00'),
  (-9,  'seed_org_techcorp', 'seed_user_alice', 'rule.update',     'rule',       NULL, '192.0.2.18', '{}', TIMESTAMPTZ '2025-11-05 18:00:00+00'),
  (-10, 'seed_org_startup',  'seed_user_bob',   'export.create',   'export',     NULL, '192.0.2.19', '{}', TIMESTAMPTZ '2025-11-05 19:00:00+00')
ON CONFLICT (id, created_at) DO NOTHING;
