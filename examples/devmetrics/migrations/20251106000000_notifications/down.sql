-- Loses every rule and what was sent.
DROP TABLE notification_logs;
DROP TABLE notification_rules;
