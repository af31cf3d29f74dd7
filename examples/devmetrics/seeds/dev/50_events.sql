-- Webhooks in two partitions: those of November 2025, and the default one.
-- Ids below zero are for seeds: the identity never gives them out, so an application's rows never meet them.
INSERT INTO events AS t (id, organization_id, repo_id, delivery_id, event_type, payload, processed, received_at)
VALUES
  (-1, 'seed_org_techcorp', 'seed_repo_web',       'seed-delivery-1', 'push',         '{"ref": "refs/heads/main"}', true,  TIMESTAMPTZ '2025-10-31 23:59:59+00'),
  (-2, 'seed_org_startup',  'seed_repo_engine',    'seed-delivery-2', 'pull_request', '{"action": "opened"}',       true,  TIMESTAMPTZ '2025-11-01 00:00:00+00'),
  (-3, 'seed_org_personal', 'seed_repo_notebooks', 'seed-delivery-3', 'issues',       '{"action": "opened"}',       true,  TIMESTAMPTZ '2025-11-05 10:00:00+00'),
  (-4, 'seed_org_techcorp', 'seed_repo_web',       'seed-delivery-4', 'push',         '{"ref": "refs/heads/main"}', true,  TIMESTAMPTZ '2025-11-05 11:00:00+00'),
  (-5, 'seed_org_startup',  'seed_repo_engine',    'seed-delivery-5', 'pull_request', '{"action": "opened"}',       false, TIMESTAMPTZ '2025-11-06 12:00:00+00'),
  (-6, 'seed_org_personal', 'seed_repo_notebooks', 'seed-delivery-6', 'issues',       '{"action": "opened"}',       false, TIMESTAMPTZ '2025-12-01 00:00:00+00')
ON CONFLICT (id, received_at) DO UPDATE
SET organization_id = EXCLUDED.organization_id, repo_id = EXCLUDED.repo_id, delivery_id = EXCLUDED.delivery_id,
    event_type = EXCLUDED.event_type, payload = EXCLUDED.payload, processed = EXCLUDED.processed
WHERE (t.organization_id, t.repo_id, t.delivery_id, t.event_type, t.payload, t.processed)
  IS DISTINCT FROM (EXCLUDED.organization_id, EXCLUDED.repo_id, EXCLUDED.delivery_id, EXCLUDED.event_type,
    EXCLUDED.payload, EXCLUDED.processed);
