-- One person on each of two tiers. What they used this month is counted by the application, and left alone.
INSERT INTO users AS t (id, email, tier, keyword_searches_this_month, stripe_customer_id, stripe_subscription_id,
  subscription_status, created_at, updated_at)
VALUES
  ('test_user_1',    'test@example.com', 'FREE', 3,  NULL,      NULL,      NULL,     TIMESTAMPTZ '2025-04-01 09:00:00+00', TIMESTAMPTZ '2025-04-01 09:00:00+00'),
  ('clerk_user_123', 'pro@example.com',  'PRO',  18, 'cus_123', 'sub_123', 'active', TIMESTAMPTZ '2025-04-01 09:00:00+00', TIMESTAMPTZ '2025-04-01 09:00:00+00')
ON CONFLICT (id) DO UPDATE
SET email = EXCLUDED.email, tier = EXCLUDED.tier, stripe_customer_id = EXCLUDED.stripe_customer_id,
    stripe_subscription_id = EXCLUDED.stripe_subscription_id, subscription_status = EXCLUDED.subscription_status,
    created_at = EXCLUDED.created_at, updated_at = EXCLUDED.updated_at
WHERE (t.email, t.tier, t.stripe_customer_id, t.stripe_subscription_id, t.subscription_status, t.created_at,
      t.updated_at)
  IS DISTINCT FROM (EXCLUDED.email, EXCLUDED.tier, EXCLUDED.stripe_customer_id, EXCLUDED.stripe_subscription_id,
    EXCLUDED.subscription_status, EXCLUDED.created_at, EXCLUDED.updated_at);
