-- For rate limits and bills.
CREATE TABLE api_usage (
  id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id     TEXT REFERENCES users (id) ON DELETE CASCADE,
  endpoint    TEXT NOT NULL,
  duration    INTEGER NOT NULL, -- milliseconds
  status_code SMALLINT NOT NULL,
  ip_address  INET, -- personal data
  timestamp   TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX api_usage_user_id_timestamp_idx  ON api_usage (user_id, timestamp);
CREATE INDEX api_usage_endpoint_timestamp_idx ON api_usage (endpoint, timestamp);

-- What Stripe told us; a repeated event changes nothing.
CREATE TABLE webhook_events (
  event_id     TEXT PRIMARY KEY, -- Stripe's own id
  type         TEXT NOT NULL,
  status       TEXT NOT NULL DEFAULT 'received' CHECK (status IN ('received','processed','failed')),
  payload      JSONB,
  error        TEXT,
  received_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
  processed_at TIMESTAMPTZ
);
CREATE INDEX webhook_events_status_received_at_idx ON webhook_events (status, received_at);
