-- Loses every git snapshot and feature flag.
DROP TABLE feature_flags;
DROP TABLE git_snapshots;
