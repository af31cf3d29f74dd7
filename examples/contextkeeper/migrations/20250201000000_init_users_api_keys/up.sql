-- Who may use the service, and with which keys.

-- User accounts with e-mail verification.
CREATE TABLE users (
  id                 UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  email              TEXT NOT NULL UNIQUE,
  name               TEXT,
  password_hash      TEXT,
  email_verified_at  TIMESTAMPTZ, -- verification is required before API access
  verification_token TEXT UNIQUE,
  plan               TEXT NOT NULL DEFAULT 'free' CHECK (plan IN ('free','pro','team')),
  stripe_customer_id TEXT UNIQUE,
  created_at         TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at         TIMESTAMPTZ NOT NULL DEFAULT now(),
  deleted_at         TIMESTAMPTZ -- set: deleted, and purged 30 days later
);
CREATE INDEX users_deleted_at_idx ON users (deleted_at) WHERE deleted_at IS NOT NULL; -- for the purge

-- Several per user; a key that is rotated or expired stays in the list.
CREATE TABLE api_keys (
  id           UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id      UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  key_prefix   VARCHAR(12) NOT NULL, -- what the user sees, and what a key is found by
  key_hash     TEXT NOT NULL CHECK (key_hash ~ '^\$2[aby]\$'), -- bcrypt, never plain text
  expires_at   TIMESTAMPTZ,
  last_used_at TIMESTAMPTZ,
  revoked_at   TIMESTAMPTZ,
  created_at   TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX api_keys_user_id_idx    ON api_keys (user_id);
CREATE UNIQUE INDEX api_keys_key_prefix_key ON api_keys (key_prefix);
