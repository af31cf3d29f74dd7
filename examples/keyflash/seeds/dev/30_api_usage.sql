-- Ten calls, three of them slower than 500 ms.
-- Ids below zero are for seeds: the identity never gives them out, so an application's rows never meet them.
INSERT INTO api_usage AS t (id, user_id, endpoint, duration, status_code, ip_address, timestamp)
OVERRIDING SYSTEM VALUE
VALUES
  (-1,  'clerk_user_123', '/api/keywords', 35,   200, '192.0.2.20', TIMESTAMPTZ '2025-04-02 08:10:00+00'),
  (-2,  'test_user_1',    '/api/searches', 45,   200, '192.0.2.21', TIMESTAMPTZ '2025-04-02 08:11:00+00'),
  (-3,  'clerk_user_123', '/api/keywords', 640,  200, '192.0.2.22', TIMESTAMPTZ '2025-04-02 08:12:00+00'),
  (-4,  'test_user_1',    '/api/searches', 65,   200, '192.0.2.23', TIMESTAMPTZ '2025-04-02 08:13:00+00'),
  (-5,  'clerk_user_123', '/api/keywords', 75,   200, '192.0.2.24', TIMESTAMPTZ '2025-04-02 08:14:00+00'),
  (-6,  'test_user_1',    '/api/searches', 1250, 500, '192.0.2.25', TIMESTAMPTZ '2025-04-02 08:15:00+00'),
  (-7,  'clerk_user_123', '/api/keywords', 95,   200, '192.0.2.26', TIMESTAMPTZ '2025-04-02 08:16:00+00'),
  (-8,  'test_user_1',    '/api/searches', 105,  200, '192.0.2.27', TIMESTAMPTZ '2025-04-02 08:17:00+00'),
  (-9,  'clerk_user_123', '/api/keywords', 501,  200, '192.0.2.28', TIMESTAMPTZ '2025-04-02 08:18:00+00'),
  (-10, NULL,             '/api/searches', 125,  200, '192.0.2.29', TIMESTAMPTZ '2025-04-02 08:19:00+00')
ON CONFLICT (id) DO UPDATE
SET user_id = EXCLUDED.user_id, endpoint = EXCLUDED.endpoint, duration = EXCLUDED.duration,
    status_code = EXCLUDED.status_code, ip_address = EXCLUDED.ip_address, timestamp = EXCLUDED.timestamp
WHERE (t.user_id, t.endpoint, t.duration, t.status_code, t.ip_address, t.timestamp)
  IS DISTINCT FROM (EXCLUDED.user_id, EXCLUDED.endpoint, EXCLUDED.duration, EXCLUDED.status_code, EXCLUDED.ip_address,
    EXCLUDED.timestamp);
