-- Two tenants.
INSERT INTO tenants AS t (id, name, slug, plan, created_at, updated_at)
VALUES
  ('00000000-0000-4000-8001-000000000001', 'Acme Studio', 'acme',     'pro',  TIMESTAMPTZ '2025-03-01 09:00:00+00', TIMESTAMPTZ '2025-03-01 09:00:00+00'),
  ('00000000-0000-4000-8001-000000000002', 'Blue Fox',    'blue-fox', 'free', TIMESTAMPTZ '2025-03-01 09:00:00+00', TIMESTAMPTZ '2025-03-01 09:00:00+00')
ON CONFLICT (id) DO UPDATE
SET name = EXCLUDED.name, slug = EXCLUDED.slug, plan = EXCLUDED.plan, created_at = EXCLUDED.created_at,
    updated_at = EXCLUDED.updated_at
WHERE (t.name, t.slug, t.plan, t.created_at, t.updated_at)
  IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.slug, EXCLUDED.plan, EXCLUDED.created_at, EXCLUDED.updated_at);
