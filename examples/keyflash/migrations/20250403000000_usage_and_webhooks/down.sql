-- Loses the usage records, and which webhooks were seen: repeated ones would count again.
DROP TABLE webhook_events;
DROP TABLE api_usage;
