-- Loses every queued job, system metric and usage record.
DROP TABLE api_usage;
DROP TABLE system_metrics;
DROP TABLE job_queue;
