-- One payment.
-- Ids below zero are for seeds: the identity never gives them out, so an application's rows never meet them.
INSERT INTO subscription_events AS t (id, user_id, stripe_event_id, event_type, plan, amount_cents, occurred_at)
OVERRIDING SYSTEM VALUE
VALUES
  (-1, '00000000-0000-4000-8001-000000000001', 'evt_dev_1', 'invoice.paid', 'pro', 900, TIMESTAMPTZ '2025-02-01 09:00:00+00')
ON CONFLICT (id) DO UPDATE
SET user_id = EXCLUDED.user_id, stripe_event_id = EXCLUDED.stripe_event_id, event_type = EXCLUDED.event_type,
    plan = EXCLUDED.plan, amount_cents = EXCLUDED.amount_cents, occurred_at = EXCLUDED.occurred_at
WHERE (t.user_id, t.stripe_event_id, t.event_type, t.plan, t.amount_cents, t.occurred_at)
  IS DISTINCT FROM (EXCLUDED.user_id, EXCLUDED.stripe_event_id, EXCLUDED.event_type, EXCLUDED.plan,
    EXCLUDED.amount_cents, EXCLUDED.occurred_at);
