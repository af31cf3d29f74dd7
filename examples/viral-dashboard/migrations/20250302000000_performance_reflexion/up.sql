-- How it went, and what the model learns from it. Posts come in phase 3, and with them the column that names one.

-- How a post did, typed in or scraped.
CREATE TABLE performance_feedback (
  id             UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id      UUID NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  source         TEXT NOT NULL CHECK (source IN ('manual','scraped')),
  views          BIGINT NOT NULL DEFAULT 0,
  likes          BIGINT NOT NULL DEFAULT 0,
  shares         BIGINT NOT NULL DEFAULT 0,
  recorded_at    TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX performance_feedback_tenant_id_recorded_at_idx ON performance_feedback (tenant_id, recorded_at DESC);

-- Figures over time.
CREATE TABLE analytics_snapshots (
  id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id   UUID NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  metric      TEXT NOT NULL,
  value       DOUBLE PRECISION NOT NULL,
  captured_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX analytics_snapshots_tenant_id_metric_captured_at_idx ON analytics_snapshots (tenant_id, metric, captured_at DESC);

-- What the model thinks of its own work.
CREATE TABLE self_critiques (
  id               UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id        UUID NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  generation_id    UUID NOT NULL REFERENCES generations (id) ON DELETE CASCADE,
  critique         TEXT NOT NULL,
  confidence_level TEXT NOT NULL CHECK (confidence_level IN ('low','medium','high')),
  created_at       TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX self_critiques_confidence_level_idx ON self_critiques (confidence_level);
CREATE INDEX self_critiques_tenant_id_idx        ON self_critiques (tenant_id);

-- Patterns it found.
CREATE TABLE reflexion_insights (
  id            UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id     UUID NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  pattern       TEXT NOT NULL,
  evidence      JSONB NOT NULL DEFAULT '{}',
  score         NUMERIC(5,2),
  discovered_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX reflexion_insights_tenant_id_idx ON reflexion_insights (tenant_id, discovered_at DESC);

-- Weights that it changed.
CREATE TABLE scoring_adjustments (
  id         UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id  UUID NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  insight_id UUID REFERENCES reflexion_insights (id) ON DELETE SET NULL,
  factor     TEXT NOT NULL,
  old_weight NUMERIC(6,4) NOT NULL,
  new_weight NUMERIC(6,4) NOT NULL,
  applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX scoring_adjustments_tenant_id_applied_at_idx ON scoring_adjustments (tenant_id, applied_at DESC);
