-- Two people for each tenant.
INSERT INTO users AS t (id, tenant_id, clerk_id, email, name, role, created_at, updated_at)
VALUES
  ('00000000-0000-4000-8002-000000000001', '00000000-0000-4000-8001-000000000001', 'user_dev_ann', 'ann@example.com', 'Ann', 'owner',  TIMESTAMPTZ '2025-03-01 09:00:00+00', TIMESTAMPTZ '2025-03-01 09:00:00+00'),
  ('00000000-0000-4000-8002-000000000002', '00000000-0000-4000-8001-000000000001', 'user_dev_ben', 'ben@example.com', 'Ben', 'member', TIMESTAMPTZ '2025-03-01 09:00:00+00', TIMESTAMPTZ '2025-03-01 09:00:00+00'),
  ('00000000-0000-4000-8002-000000000003', '00000000-0000-4000-8001-000000000002', 'user_dev_cat', 'cat@example.com', 'Cat', 'owner',  TIMESTAMPTZ '2025-03-01 09:00:00+00', TIMESTAMPTZ '2025-03-01 09:00:00+00'),
  ('00000000-0000-4000-8002-000000000004', '00000000-0000-4000-8001-000000000002', 'user_dev_dan', 'dan@example.com', 'Dan', 'member', TIMESTAMPTZ '2025-03-01 09:00:00+00', TIMESTAMPTZ '2025-03-01 09:00:00+00')
ON CONFLICT (id) DO UPDATE
SET tenant_id = EXCLUDED.tenant_id, clerk_id = EXCLUDED.clerk_id, email = EXCLUDED.email, name = EXCLUDED.name,
    role = EXCLUDED.role, created_at = EXCLUDED.created_at, updated_at = EXCLUDED.updated_at
WHERE (t.tenant_id, t.clerk_id, t.email, t.name, t.role, t.created_at, t.updated_at)
  IS DISTINCT FROM (EXCLUDED.tenant_id, EXCLUDED.clerk_id, EXCLUDED.email, EXCLUDED.name, EXCLUDED.role,
    EXCLUDED.created_at, EXCLUDED.updated_at);
