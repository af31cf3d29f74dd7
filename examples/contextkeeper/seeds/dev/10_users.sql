-- One verified user, one who is not, and two who left: one for the next purge, one who still has a day.
-- When they left counts from the first load and then stands still, so that loading again changes nothing.
INSERT INTO users AS t (id, email, name, password_hash, email_verified_at, verification_token, plan, created_at,
  updated_at, deleted_at)
VALUES
  ('00000000-0000-4000-8001-000000000001', 'ada@example.com',    'Ada Lovelace',     '$2b$10$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK', TIMESTAMPTZ '2025-02-01 09:05:00+00', NULL,             'pro',  TIMESTAMPTZ '2025-02-01 09:00:00+00', TIMESTAMPTZ '2025-02-01 09:00:00+00', NULL),
  ('00000000-0000-4000-8001-000000000002', 'tim@example.com',    'Tim O''Neill',     '$2b$10$bcdefghijklmnopqrstuvuc9EgBWlNhU.fWF3DbjbVnXGOtVWmrsK', NULL,                                 'dev-verify-tim', 'free', TIMESTAMPTZ '2025-02-02 10:15:00+00', TIMESTAMPTZ '2025-02-02 10:15:00+00', NULL),
  ('00000000-0000-4000-8001-000000000003', 'gone31@example.com', 'Left 31 days ago', NULL,                                                           TIMESTAMPTZ '2025-02-01 09:00:00+00', NULL,             'free', TIMESTAMPTZ '2025-02-01 09:00:00+00', TIMESTAMPTZ '2025-02-01 09:00:00+00', now() - INTERVAL '31 days'),
  ('00000000-0000-4000-8001-000000000004', 'gone29@example.com', 'Left 29 days ago', NULL,                                                           TIMESTAMPTZ '2025-02-01 09:00:00+00', NULL,             'free', TIMESTAMPTZ '2025-02-01 09:00:00+00', TIMESTAMPTZ '2025-02-01 09:00:00+00', now() - INTERVAL '29 days')
ON CONFLICT (id) DO UPDATE
SET email = EXCLUDED.email, name = EXCLUDED.name, password_hash = EXCLUDED.password_hash,
    email_verified_at = EXCLUDED.email_verified_at, verification_token = EXCLUDED.verification_token,
    plan = EXCLUDED.plan, created_at = EXCLUDED.created_at, updated_at = EXCLUDED.updated_at
WHERE (t.email, t.name, t.password_hash, t.email_verified_at, t.verification_token, t.plan, t.created_at,
      t.updated_at)
  IS DISTINCT FROM (EXCLUDED.email, EXCLUDED.name, EXCLUDED.password_hash, EXCLUDED.email_verified_at,
    EXCLUDED.verification_token, EXCLUDED.plan, EXCLUDED.created_at, EXCLUDED.updated_at);
