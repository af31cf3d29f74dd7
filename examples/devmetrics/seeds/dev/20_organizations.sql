-- Two more organizations, and who belongs where.
INSERT INTO organizations AS t (id, name, slug, plan, created_at, updated_at)
VALUES
  ('seed_org_techcorp', 'TechCorp',    'techcorp',    'PRO',  TIMESTAMPTZ '2025-11-04 22:30:00+00', TIMESTAMPTZ '2025-11-04 22:30:00+00'),
  ('seed_org_startup',  'Startup Inc', 'startup-inc', 'FREE', TIMESTAMPTZ '2025-11-04 22:30:00+00', TIMESTAMPTZ '2025-11-04 22:30:00+00')
ON CONFLICT (id) DO UPDATE
SET name = EXCLUDED.name, slug = EXCLUDED.slug, plan = EXCLUDED.plan, created_at = EXCLUDED.created_at,
    updated_at = EXCLUDED.updated_at
WHERE (t.name, t.slug, t.plan, t.created_at, t.updated_at)
  IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.slug, EXCLUDED.plan, EXCLUDED.created_at, EXCLUDED.updated_at);

-- Alice owns TechCorp and Personal, Bob owns Startup Inc, Charlie works for both.
INSERT INTO user_organizations AS t (user_id, organization_id, role, joined_at)
VALUES
  ('seed_user_alice',   'seed_org_techcorp', 'OWNER',  TIMESTAMPTZ '2025-11-04 22:30:00+00'),
  ('seed_user_alice',   'seed_org_personal', 'OWNER',  TIMESTAMPTZ '2025-11-04 22:30:00+00'),
  ('seed_user_bob',     'seed_org_techcorp', 'ADMIN',  TIMESTAMPTZ '2025-11-04 22:30:00+00'),
  ('seed_user_bob',     'seed_org_startup',  'OWNER',  TIMESTAMPTZ '2025-11-04 22:30:00+00'),
  ('seed_user_charlie', 'seed_org_techcorp', 'MEMBER', TIMESTAMPTZ '2025-11-04 22:30:00+00'),
  ('seed_user_charlie', 'seed_org_startup',  'MEMBER', TIMESTAMPTZ '2025-11-04 22:30:00+00')
ON CONFLICT (user_id, organization_id) DO UPDATE
SET role = EXCLUDED.role, joined_at = EXCLUDED.joined_at
WHERE (t.role, t.joined_at)
  IS DISTINCT FROM (EXCLUDED.role, EXCLUDED.joined_at);
