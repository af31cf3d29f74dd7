-- Who used how much, and who did what.

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
