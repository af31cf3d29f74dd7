-- Who wants to hear of what.
INSERT INTO notification_rules AS t (id, organization_id, created_by, name, channel, condition, created_at)
VALUES
  ('seed_rule_risk',  'seed_org_techcorp', 'seed_user_alice', 'High risk',           'slack', '{"risk_at_least": 70}', TIMESTAMPTZ '2025-11-04 22:30:00+00'),
  ('seed_rule_stale', 'seed_org_startup',  'seed_user_bob',   'Stale pull requests', 'email', '{"open_days": 7}',      TIMESTAMPTZ '2025-11-04 22:30:00+00')
ON CONFLICT (id) DO UPDATE
SET organization_id = EXCLUDED.organization_id, created_by = EXCLUDED.created_by, name = EXCLUDED.name,
    channel = EXCLUDED.channel, condition = EXCLUDED.condition, created_at = EXCLUDED.created_at
WHERE (t.organization_id, t.created_by, t.name, t.channel, t.condition, t.created_at)
  IS DISTINCT FROM (EXCLUDED.organization_id, EXCLUDED.created_by, EXCLUDED.name, EXCLUDED.channel,
    EXCLUDED.condition, EXCLUDED.created_at);

-- One delivery in each state.
-- Ids below zero are for seeds: the identity never gives them out, so an application's rows never meet them.
INSERT INTO notification_logs AS t (id, rule_id, status, error, sent_at, created_at)
OVERRIDING SYSTEM VALUE
VALUES
  (-1, 'seed_rule_risk',  'SENT',    NULL,                TIMESTAMPTZ '2025-11-06 09:31:00+00', TIMESTAMPTZ '2025-11-06 09:30:30+00'),
  (-2, 'seed_rule_risk',  'FAILED',  'channel not found', NULL,                                 TIMESTAMPTZ '2025-11-06 09:30:30+00'),
  (-3, 'seed_rule_stale', 'PENDING', NULL,                NULL,                                 TIMESTAMPTZ '2025-11-06 10:00:00+00')
ON CONFLICT (id) DO UPDATE
SET rule_id = EXCLUDED.rule_id, status = EXCLUDED.status, error = EXCLUDED.error, sent_at = EXCLUDED.sent_at,
    created_at = EXCLUDED.created_at
WHERE (t.rule_id, t.status, t.error, t.sent_at, t.created_at)
  IS DISTINCT FROM (EXCLUDED.rule_id, EXCLUDED.status, EXCLUDED.error, EXCLUDED.sent_at, EXCLUDED.created_at);
