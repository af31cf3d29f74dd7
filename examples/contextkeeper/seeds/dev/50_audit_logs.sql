-- Five rows of the trail, which takes no changes: what is there stays.
-- Ids below zero are for seeds: the identity never gives them out, so an application's rows never meet them.
INSERT INTO audit_logs AS t (id, user_id, action, resource_type, resource_id, ip_address, user_agent, created_at)
OVERRIDING SYSTEM VALUE
VALUES
  (-1, '00000000-0000-4000-8001-000000000001', 'user.sign_in',   'user',    '00000000-0000-4000-8001-000000000001', '192.0.2.10', 'browser', TIMESTAMPTZ '2025-02-03 07:59:00+00'),
  (-2, '00000000-0000-4000-8001-000000000001', 'api_key.create', 'api_key', '00000000-0000-4000-8002-000000000001', '192.0.2.10', 'browser', TIMESTAMPTZ '2025-02-03 07:59:30+00'),
  (-3, '00000000-0000-4000-8001-000000000001', 'session.create', 'session', '00000000-0000-4000-8003-000000000001', '192.0.2.10', 'mcp',     TIMESTAMPTZ '2025-02-03 08:00:00+00'),
  (-4, '00000000-0000-4000-8001-000000000001', 'session.read',   'session', '00000000-0000-4000-8003-000000000001', '192.0.2.11', 'mcp',     TIMESTAMPTZ '2025-02-04 08:00:00+00'),
  (-5, '00000000-0000-4000-8001-000000000003', 'user.delete',    'user',    '00000000-0000-4000-8001-000000000003', NULL,         'browser', TIMESTAMPTZ '2025-02-05 08:00:00+00')
ON CONFLICT (id) DO NOTHING;
