-- Loses the history of payments.
DROP TABLE subscription_events;
