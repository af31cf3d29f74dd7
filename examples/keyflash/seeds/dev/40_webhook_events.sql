-- One event in each state. An event that is here is left alone, as when Stripe repeats one.
INSERT INTO webhook_events AS t (event_id, type, status, payload, error, received_at, processed_at)
VALUES
  ('evt_dev_received',  'invoice.paid',                  'received',  '{"amount": 900}',         NULL,               TIMESTAMPTZ '2025-04-02 09:00:00+00', NULL),
  ('evt_dev_processed', 'customer.subscription.created', 'processed', '{"customer": "cus_123"}', NULL,               TIMESTAMPTZ '2025-04-02 09:01:00+00', TIMESTAMPTZ '2025-04-02 09:01:01+00'),
  ('evt_dev_failed',    'invoice.payment_failed',        'failed',    '{"customer": "cus_404"}', 'no such customer', TIMESTAMPTZ '2025-04-02 09:02:00+00', NULL)
ON CONFLICT (event_id) DO NOTHING;
