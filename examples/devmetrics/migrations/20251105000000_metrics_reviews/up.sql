-- One row a day for each user, kept for good.
CREATE TABLE developer_metrics (
  id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  date            DATE NOT NULL,
  commits         INTEGER NOT NULL DEFAULT 0,
  prs_opened      INTEGER NOT NULL DEFAULT 0,
  prs_reviewed    INTEGER NOT NULL DEFAULT 0,
  avg_review_mins NUMERIC(10,2),
  UNIQUE (user_id, organization_id, date)
);
CREATE INDEX developer_metrics_organization_id_date_idx ON developer_metrics (organization_id, date DESC);

-- One row a day for each organization, kept for good.
CREATE TABLE team_metrics (
  id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  date            DATE NOT NULL,
  active_devs     INTEGER NOT NULL DEFAULT 0,
  deploys         INTEGER NOT NULL DEFAULT 0,
  lead_time_mins  NUMERIC(12,2),
  UNIQUE (organization_id, date)
);

-- What a model said about a pull request.
CREATE TABLE ai_reviews (
  id              TEXT PRIMARY KEY,
  pull_request_id BIGINT NOT NULL REFERENCES pull_requests (id) ON DELETE CASCADE,
  model           TEXT NOT NULL,
  risk_score      SMALLINT NOT NULL CHECK (risk_score BETWEEN 0 AND 100),
  risk            risk_level NOT NULL,
  summary         TEXT NOT NULL,
  findings        JSONB NOT NULL DEFAULT '[]',
  created_at      TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX ai_reviews_pull_request_id_idx ON ai_reviews (pull_request_id);
CREATE INDEX ai_reviews_risk_created_at_idx ON ai_reviews (risk, created_at DESC);
