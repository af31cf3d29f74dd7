-- Loses every API key and the audit trail.
DROP TABLE audit_logs;
DROP TABLE api_keys;
