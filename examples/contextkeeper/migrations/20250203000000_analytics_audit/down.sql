-- Loses the usage figures and the audit trail.
DROP TABLE audit_logs;
DROP TABLE usage_stats;
