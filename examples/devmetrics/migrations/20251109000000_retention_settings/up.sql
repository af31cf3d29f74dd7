-- How long each organization keeps its raw events and its audit trail, in days; 2557 days are seven years.
ALTER TABLE organizations
  ADD COLUMN event_retention_days INTEGER NOT NULL DEFAULT 90 CHECK (event_retention_days > 0),
  ADD COLUMN audit_retention_days INTEGER NOT NULL DEFAULT 365 CHECK (audit_retention_days BETWEEN 365 AND 2557);
