-- KeyFlash as it should be: the desired state, which the migrations reach step by step.
-- Loaded into an empty database it gives the same catalog as all migrations together.

CREATE TYPE tier AS ENUM ('FREE', 'PRO', 'ENTERPRISE');

-- People, as Clerk knows them, with what they pay and use.
CREATE TABLE users (
  id                          TEXT PRIMARY KEY, -- as Clerk has it, such as clerk_user_123
  email                       TEXT NOT NULL UNIQUE, -- personal data
  tier                        tier NOT NULL DEFAULT 'FREE',
  keyword_searches_this_month INTEGER NOT NULL DEFAULT 0 CHECK (keyword_searches_this_month >= 0),
  usage_reset_at              TIMESTAMPTZ,
  stripe_customer_id          TEXT,
  stripe_subscription_id      TEXT,
  subscription_status         TEXT,
  created_at                  TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at                  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_stripe_customer_id_key ON users (stripe_customer_id);
CREATE INDEX users_created_at_idx                ON users (created_at);

-- Several people can share searches.
CREATE TABLE organizations (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  slug       TEXT NOT NULL UNIQUE,
  tier       tier NOT NULL DEFAULT 'FREE',
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE TABLE organization_members (
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role            TEXT NOT NULL DEFAULT 'member' CHECK (role IN ('owner','member')),
  joined_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX organization_members_user_id_idx ON organization_members (user_id);

CREATE TABLE saved_searches (
  id               TEXT PRIMARY KEY,
  user_id          TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- a deleted user leaves nothing here
  name             TEXT NOT NULL,
  keywords         TEXT[] NOT NULL,
  location         TEXT,
  language         TEXT,
  metadata         JSONB NOT NULL DEFAULT '{}',
  last_accessed_at TIMESTAMPTZ,
  created_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
  organization_id  TEXT REFERENCES organizations (id) ON DELETE SET NULL
);
CREATE INDEX saved_searches_user_id_created_at_idx       ON saved_searches (user_id, created_at);
CREATE INDEX saved_searches_user_id_last_accessed_at_idx ON saved_searches (user_id, last_accessed_at);
CREATE INDEX saved_searches_organization_id_idx ON saved_searches (organization_id);

CREATE TABLE search_history (
  id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id       TEXT REFERENCES users (id) ON DELETE CASCADE, -- null for anonymous searches
  keywords      TEXT[] NOT NULL,
  provider      TEXT NOT NULL,
  result_count  INTEGER,
  response_time INTEGER NOT NULL, -- milliseconds; averaged by the application
  cache_hit     BOOLEAN NOT NULL DEFAULT false,
  searched_at   TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX search_history_user_id_searched_at_idx ON search_history (user_id, searched_at);
CREATE INDEX search_history_searched_at_idx         ON search_history (searched_at);
CREATE INDEX search_history_provider_idx            ON search_history (provider);

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

-- Who gets what is new.
CREATE TABLE feature_flags (
  key                TEXT PRIMARY KEY,
  enabled            BOOLEAN NOT NULL DEFAULT false,
  rollout_percentage SMALLINT NOT NULL DEFAULT 0 CHECK (rollout_percentage BETWEEN 0 AND 100),
  description        TEXT,
  updated_at         TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE system_metrics (
  id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  metric_name TEXT NOT NULL,
  value       DOUBLE PRECISION NOT NULL,
  timestamp   TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX system_metrics_metric_name_timestamp_idx ON system_metrics (metric_name, timestamp DESC);

-- Searches by day, for reports.
CREATE MATERIALIZED VIEW daily_search_stats AS
SELECT
  (searched_at AT TIME ZONE 'UTC')::date AS day,
  provider,
  count(*) AS searches,
  count(*) FILTER (WHERE user_id IS NULL) AS anonymous,
  count(*) FILTER (WHERE cache_hit) AS cache_hits,
  round(avg(response_time)) AS average_ms,
  count(*) FILTER (WHERE response_time > 500) AS slow
FROM search_history
GROUP BY 1, 2;
-- REFRESH MATERIALIZED VIEW CONCURRENTLY needs it.
CREATE UNIQUE INDEX daily_search_stats_day_provider_key ON daily_search_stats (day, provider);

-- Who makes reports reads figures, and no e-mail or IP address. A role belongs to the whole server.
DO $$
BEGIN
  CREATE ROLE keyflash_analytics NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  RAISE NOTICE 'the role keyflash_analytics is there already';
END $$;
GRANT SELECT ON search_history, system_metrics, daily_search_stats TO keyflash_analytics;
GRANT SELECT (id, user_id, endpoint, duration, status_code, timestamp) ON api_usage TO keyflash_analytics;
