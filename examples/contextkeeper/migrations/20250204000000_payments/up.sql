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
