-- The organization that every installation starts with.
INSERT INTO organizations AS t (id, name, slug, plan, created_at, updated_at)
VALUES
  ('seed_org_personal', 'Personal', 'personal', 'FREE', TIMESTAMPTZ '2025-11-04 22:30:00+00', TIMESTAMPTZ '2025-11-04 22:30:00+00')
ON CONFLICT (id) DO UPDATE
SET name = EXCLUDED.name, slug = EXCLUDED.slug, plan = EXCLUDED.plan, created_at = EXCLUDED.created_at,
    updated_at = EXCLUDED.updated_at
WHERE (t.name, t.slug, t.plan, t.created_at, t.updated_at)
  IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.slug, EXCLUDED.plan, EXCLUDED.created_at, EXCLUDED.updated_at);
