-- Loses every flag and metric.
DROP TABLE system_metrics;
DROP TABLE feature_flags;
