-- Three people to sign in as.
INSERT INTO users AS t (id, github_id, login, email, name, access_token_cipher, created_at, updated_at)
VALUES
  ('seed_user_alice',   1001, 'alice',   'alice@example.com',   'Alice',   '\x7365616c6564', TIMESTAMPTZ '2025-11-04 22:30:00+00', TIMESTAMPTZ '2025-11-04 22:30:00+00'),
  ('seed_user_bob',     1002, 'bob',     'bob@example.com',     'Bob',     NULL,             TIMESTAMPTZ '2025-11-04 22:30:00+00', TIMESTAMPTZ '2025-11-04 22:30:00+00'),
  ('seed_user_charlie', 1003, 'charlie', 'charlie@example.com', 'Charlie', NULL,             TIMESTAMPTZ '2025-11-04 22:30:00+00', TIMESTAMPTZ '2025-11-04 22:30:00+00')
ON CONFLICT (id) DO UPDATE
SET github_id = EXCLUDED.github_id, login = EXCLUDED.login, email = EXCLUDED.email, name = EXCLUDED.name,
    access_token_cipher = EXCLUDED.access_token_cipher, created_at = EXCLUDED.created_at,
    updated_at = EXCLUDED.updated_at
WHERE (t.github_id, t.login, t.email, t.name, t.access_token_cipher, t.created_at, t.updated_at)
  IS DISTINCT FROM (EXCLUDED.github_id, EXCLUDED.login, EXCLUDED.email, EXCLUDED.name, EXCLUDED.access_token_cipher,
    EXCLUDED.created_at, EXCLUDED.updated_at);
