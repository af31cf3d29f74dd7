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
