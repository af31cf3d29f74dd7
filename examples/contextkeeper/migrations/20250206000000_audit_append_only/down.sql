-- The audit trail can be rewritten again. No row is lost.
DROP TRIGGER audit_logs_append_only ON audit_logs;
DROP FUNCTION audit_logs_append_only();
