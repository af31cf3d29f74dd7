-- Who gets what is new.
CREATE TABLE feature_flags (
  key                TEXT PRIMARY KEY,
  enabled            BOOLEAN NOT NULL DEFAULT false,
  rollout_percentage SMALLINT NOT NULL DEFAULT 0 CHECK (rollout_percentage BETWEEN 0 AND 100),
  description        TEXT,
  updated_at         TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE system_metrics (
  id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  metric_name TEXT NOT NULL,
  value       DOUBLE PRECISION NOT NULL,
  timestamp   TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX system_metrics_metric_name_timestamp_idx ON system_metrics (metric_name, timestamp DESC);
