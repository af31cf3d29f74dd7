-- Who wants to hear of what.
CREATE TABLE notification_rules (
  id              TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  created_by      TEXT REFERENCES users (id) ON DELETE SET NULL,
  name            TEXT NOT NULL,
  channel         TEXT NOT NULL CHECK (channel IN ('email','slack','webhook')),
  condition       JSONB NOT NULL,
  enabled         BOOLEAN NOT NULL DEFAULT true,
  created_at      TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX notification_rules_organization_id_enabled_idx ON notification_rules (organization_id, enabled);

-- What was sent.
CREATE TABLE notification_logs (
  id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule_id  TEXT NOT NULL REFERENCES notification_rules (id) ON DELETE CASCADE,
  status   delivery_status NOT NULL DEFAULT 'PENDING',
  error    TEXT,
  sent_at  TIMESTAMPTZ,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX notification_logs_rule_id_created_at_idx ON notification_logs (rule_id, created_at DESC);
CREATE INDEX notification_logs_status_idx             ON notification_logs (status) WHERE status <> 'SENT';
