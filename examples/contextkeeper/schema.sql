-- ContextKeeper as it should be: the desired state, which the migrations reach step by step.
-- Loaded into an empty database it gives the same catalog as all migrations together.

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

-- What users keep.

-- Coding sessions with structured data (no JSON blobs).
CREATE TABLE sessions (
  id           UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id      UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  project_path TEXT,
  summary      TEXT, -- sensitive: the application encrypts it
  started_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
  ended_at     TIMESTAMPTZ,
  created_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
  deleted_at   TIMESTAMPTZ
);
CREATE INDEX sessions_user_id_created_at_idx ON sessions (user_id, created_at DESC);
CREATE INDEX sessions_deleted_at_idx ON sessions (deleted_at) WHERE deleted_at IS NOT NULL;

-- Searchable file content per session.
CREATE TABLE session_files (
  id           UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  session_id   UUID NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  path         TEXT NOT NULL,
  language     TEXT,
  content      TEXT NOT NULL,
  content_tsv  TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple', content)) STORED,
  created_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
  UNIQUE (session_id, path)
);
CREATE INDEX session_files_content_tsv_idx ON session_files USING gin (content_tsv);

-- Current work items per session.
CREATE TABLE session_tasks (
  id         UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  session_id UUID NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  title      TEXT NOT NULL,
  status     TEXT NOT NULL DEFAULT 'todo' CHECK (status IN ('todo','in_progress','done')),
  position   INTEGER NOT NULL DEFAULT 0,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX session_tasks_session_id_status_idx ON session_tasks (session_id, status);

-- Key-value pairs per session.
CREATE TABLE session_memories (
  id         UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  session_id UUID NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  key        TEXT NOT NULL,
  value      TEXT NOT NULL, -- sensitive: the application encrypts it
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  UNIQUE (session_id, key)
);

-- Where the working copy stood during a session.
CREATE TABLE git_snapshots (
  id          UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  session_id  UUID NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  branch      TEXT NOT NULL,
  commit_hash VARCHAR(40) NOT NULL,
  is_dirty    BOOLEAN NOT NULL DEFAULT false,
  created_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX git_snapshots_session_id_created_at_idx ON git_snapshots (session_id, created_at DESC);

-- Usage, audit, payments, roll-outs.

-- Usage, one row a day for each user.
CREATE TABLE usage_stats (
  id             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id        UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  date           DATE NOT NULL,
  api_calls      INTEGER NOT NULL DEFAULT 0,
  sessions_count INTEGER NOT NULL DEFAULT 0,
  storage_bytes  BIGINT  NOT NULL DEFAULT 0,
  UNIQUE (user_id, date)
);

-- Every sensitive action and all data access (GDPR).
CREATE TABLE audit_logs (
  id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id       UUID REFERENCES users (id) ON DELETE SET NULL, -- the trail survives the purge of the user
  action        TEXT NOT NULL,
  resource_type TEXT NOT NULL,
  resource_id   TEXT,
  ip_address    INET,
  user_agent    TEXT,
  created_at    TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX audit_logs_user_id_created_at_idx ON audit_logs (user_id, created_at DESC);
CREATE INDEX audit_logs_action_created_at_idx  ON audit_logs (action, created_at DESC);

-- What Stripe told us.
CREATE TABLE subscription_events (
  id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id         UUID REFERENCES users (id) ON DELETE SET NULL,
  stripe_event_id TEXT NOT NULL UNIQUE, -- makes a repeated webhook harmless
  event_type      TEXT NOT NULL,
  plan            TEXT,
  amount_cents    INTEGER,
  occurred_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- Who gets what is new.
CREATE TABLE feature_flags (
  key                TEXT PRIMARY KEY,
  description        TEXT,
  enabled            BOOLEAN NOT NULL DEFAULT false,
  rollout_percentage SMALLINT NOT NULL DEFAULT 0 CHECK (rollout_percentage BETWEEN 0 AND 100),
  created_at         TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at         TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- The audit trail cannot be rewritten.

CREATE FUNCTION audit_logs_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- The retention job says so, for its own transaction: SELECT set_config('app.retention_job', 'on', true). Anybody could,
  -- so this is against mistakes; against intent, the application's role has no UPDATE and no DELETE here.
  IF current_setting('app.retention_job', true) = 'on' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  -- A purged user: the foreign key sets user_id to NULL (from within its own trigger, hence the depth), and no more.
  IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 AND NEW.user_id IS NULL
     AND to_jsonb(NEW) - 'user_id' = to_jsonb(OLD) - 'user_id' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'audit_logs is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_logs_append_only BEFORE UPDATE OR DELETE ON audit_logs
  FOR EACH ROW EXECUTE FUNCTION audit_logs_append_only();

-- Each user sees their own rows, and none that are marked as deleted.

CREATE FUNCTION app_current_user() RETURNS uuid LANGUAGE sql STABLE
  AS $$ SELECT NULLIF(current_setting('app.user_id', true), '')::uuid $$;

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE usage_stats ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_logs ENABLE ROW LEVEL SECURITY;
ALTER TABLE subscription_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE session_files ENABLE ROW LEVEL SECURITY;
ALTER TABLE session_tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE session_memories ENABLE ROW LEVEL SECURITY;
ALTER TABLE git_snapshots ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON users USING (id = app_current_user() AND deleted_at IS NULL);
CREATE POLICY own_rows ON sessions USING (user_id = app_current_user() AND deleted_at IS NULL);
CREATE POLICY own_rows ON api_keys USING (user_id = app_current_user());
CREATE POLICY own_rows ON usage_stats USING (user_id = app_current_user());
CREATE POLICY own_rows ON audit_logs USING (user_id = app_current_user());
CREATE POLICY own_rows ON subscription_events USING (user_id = app_current_user());
-- What hangs on a session is seen by who sees the session.
CREATE POLICY own_rows ON session_files USING (session_id IN (SELECT id FROM sessions));
CREATE POLICY own_rows ON session_tasks USING (session_id IN (SELECT id FROM sessions));
CREATE POLICY own_rows ON session_memories USING (session_id IN (SELECT id FROM sessions));
CREATE POLICY own_rows ON git_snapshots USING (session_id IN (SELECT id FROM sessions));

-- An UPDATE must leave a row that its own policy shows, so nobody could mark a row as deleted. These do it as the
-- tables' owner, for the current user's rows only.
CREATE FUNCTION soft_delete_session(session uuid) RETURNS boolean
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  WITH gone AS (
    UPDATE sessions SET deleted_at = now(), updated_at = now()
    WHERE id = session AND user_id = app_current_user() AND deleted_at IS NULL RETURNING 1
  ) SELECT EXISTS (SELECT FROM gone)
$$;
CREATE FUNCTION soft_delete_account() RETURNS boolean
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  WITH gone AS (
    UPDATE users SET deleted_at = now(), updated_at = now()
    WHERE id = app_current_user() AND deleted_at IS NULL RETURNING 1
  ) SELECT EXISTS (SELECT FROM gone)
$$;
