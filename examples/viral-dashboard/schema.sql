-- Viral Dashboard as it should be: the desired state, which the migrations reach step by step.
-- Loaded into an empty database it gives the same catalog as all migrations together.

-- Tenants, their people, and what was generated for them.

-- Who pays; everything below belongs to one of them and goes with it.
CREATE TABLE tenants (
  id         UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  name       TEXT NOT NULL,
  slug       TEXT NOT NULL UNIQUE,
  plan       TEXT NOT NULL DEFAULT 'free',
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- People, as Clerk knows them.
CREATE TABLE users (
  id         UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id  UUID NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  clerk_id   TEXT NOT NULL,
  email      TEXT NOT NULL,
  name       TEXT,
  role       TEXT NOT NULL DEFAULT 'member',
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_clerk_id_key ON users (clerk_id);
CREATE INDEX users_tenant_id_idx       ON users (tenant_id);

-- What was generated, in batches.
CREATE TABLE generations (
  id         UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id  UUID NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  user_id    UUID REFERENCES users (id) ON DELETE SET NULL,
  date       DATE NOT NULL DEFAULT CURRENT_DATE,
  concepts   JSONB NOT NULL DEFAULT '[]',
  status     TEXT NOT NULL DEFAULT 'draft',
  created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX generations_tenant_id_date_idx ON generations (tenant_id, date DESC);

CREATE TABLE videos (
  id            UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id     UUID NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  generation_id UUID NOT NULL REFERENCES generations (id) ON DELETE CASCADE,
  concept_id    TEXT NOT NULL,
  url           TEXT,
  duration_secs INTEGER,
  status        TEXT NOT NULL DEFAULT 'pending',
  created_at    TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX videos_concept_id_idx ON videos (concept_id);
CREATE INDEX videos_tenant_id_idx  ON videos (tenant_id);

-- Connected accounts; tokens are encrypted by the application.
CREATE TABLE social_accounts (
  id                   UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id            UUID NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  platform             TEXT NOT NULL,
  handle               TEXT NOT NULL,
  access_token_cipher  BYTEA NOT NULL,
  refresh_token_cipher BYTEA,
  token_expires_at     TIMESTAMPTZ,
  created_at           TIMESTAMPTZ NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, platform, handle)
);

-- What was posted.
CREATE TABLE social_posts (
  id                UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id         UUID NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  social_account_id UUID NOT NULL REFERENCES social_accounts (id) ON DELETE CASCADE,
  video_id          UUID REFERENCES videos (id) ON DELETE SET NULL,
  platform          TEXT NOT NULL,
  external_id       TEXT,
  caption           TEXT,
  posted_at         TIMESTAMPTZ,
  created_at        TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX social_posts_platform_posted_at_idx ON social_posts (platform, posted_at DESC);
CREATE INDEX social_posts_tenant_id_idx          ON social_posts (tenant_id);

-- How it went, and what the model learns from it.

-- How a post did, typed in or scraped.
CREATE TABLE performance_feedback (
  id             UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id      UUID NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  source         TEXT NOT NULL CHECK (source IN ('manual','scraped')),
  views          BIGINT NOT NULL DEFAULT 0,
  likes          BIGINT NOT NULL DEFAULT 0,
  shares         BIGINT NOT NULL DEFAULT 0,
  recorded_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
  social_post_id UUID REFERENCES social_posts (id) ON DELETE CASCADE
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

-- Infrastructure, which belongs to no tenant.

-- A job may belong to no tenant.
CREATE TABLE job_queue (
  id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id    UUID REFERENCES tenants (id) ON DELETE CASCADE,
  job_type     TEXT NOT NULL,
  payload      JSONB NOT NULL DEFAULT '{}',
  status       TEXT NOT NULL DEFAULT 'queued' CHECK (status IN ('queued','running','done','failed')),
  attempts     INTEGER NOT NULL DEFAULT 0,
  run_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
  created_at   TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX job_queue_ready_idx ON job_queue (run_at) WHERE status = 'queued';

CREATE TABLE system_metrics (
  id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        TEXT NOT NULL,
  value       DOUBLE PRECISION NOT NULL,
  recorded_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX system_metrics_name_recorded_at_idx ON system_metrics (name, recorded_at DESC);

CREATE TABLE api_usage (
  id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id   UUID REFERENCES tenants (id) ON DELETE CASCADE,
  endpoint    TEXT NOT NULL,
  status_code SMALLINT NOT NULL,
  duration_ms INTEGER NOT NULL,
  created_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX api_usage_tenant_id_created_at_idx ON api_usage (tenant_id, created_at DESC);

-- The database keeps tenants apart.

CREATE FUNCTION app_current_tenant() RETURNS uuid LANGUAGE sql STABLE
  AS $$ SELECT NULLIF(current_setting('app.tenant_id', true), '')::uuid $$;

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON users
  USING (tenant_id = app_current_tenant()) WITH CHECK (tenant_id = app_current_tenant());

ALTER TABLE generations ENABLE ROW LEVEL SECURITY;
ALTER TABLE generations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON generations
  USING (tenant_id = app_current_tenant()) WITH CHECK (tenant_id = app_current_tenant());

ALTER TABLE videos ENABLE ROW LEVEL SECURITY;
ALTER TABLE videos FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON videos
  USING (tenant_id = app_current_tenant()) WITH CHECK (tenant_id = app_current_tenant());

ALTER TABLE social_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE social_accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON social_accounts
  USING (tenant_id = app_current_tenant()) WITH CHECK (tenant_id = app_current_tenant());

ALTER TABLE social_posts ENABLE ROW LEVEL SECURITY;
ALTER TABLE social_posts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON social_posts
  USING (tenant_id = app_current_tenant()) WITH CHECK (tenant_id = app_current_tenant());

ALTER TABLE performance_feedback ENABLE ROW LEVEL SECURITY;
ALTER TABLE performance_feedback FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON performance_feedback
  USING (tenant_id = app_current_tenant()) WITH CHECK (tenant_id = app_current_tenant());

ALTER TABLE analytics_snapshots ENABLE ROW LEVEL SECURITY;
ALTER TABLE analytics_snapshots FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON analytics_snapshots
  USING (tenant_id = app_current_tenant()) WITH CHECK (tenant_id = app_current_tenant());

ALTER TABLE self_critiques ENABLE ROW LEVEL SECURITY;
ALTER TABLE self_critiques FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON self_critiques
  USING (tenant_id = app_current_tenant()) WITH CHECK (tenant_id = app_current_tenant());

ALTER TABLE reflexion_insights ENABLE ROW LEVEL SECURITY;
ALTER TABLE reflexion_insights FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON reflexion_insights
  USING (tenant_id = app_current_tenant()) WITH CHECK (tenant_id = app_current_tenant());

ALTER TABLE scoring_adjustments ENABLE ROW LEVEL SECURITY;
ALTER TABLE scoring_adjustments FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON scoring_adjustments
  USING (tenant_id = app_current_tenant()) WITH CHECK (tenant_id = app_current_tenant());

-- Signing in needs the tenant before it is known. The owner is held by the policies too (FORCE), so SECURITY DEFINER alone
-- would find nothing: this policy shows the one row that the function asks for.
CREATE POLICY sign_in ON users FOR SELECT USING (clerk_id = NULLIF(current_setting('app.clerk_id', true), ''));
CREATE FUNCTION find_user_by_clerk_id(wanted text) RETURNS TABLE (user_id uuid, tenant_id uuid)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  PERFORM set_config('app.clerk_id', wanted, true);
  RETURN QUERY SELECT u.id, u.tenant_id FROM users AS u WHERE u.clerk_id = wanted;
  PERFORM set_config('app.clerk_id', '', true);
END $$;
