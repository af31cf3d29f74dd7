-- Loses what organizations chose; the defaults hold again.
ALTER TABLE organizations DROP COLUMN audit_retention_days, DROP COLUMN event_retention_days;
