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

-- Feedback can now say which post it is about.
ALTER TABLE performance_feedback
  ADD COLUMN social_post_id UUID REFERENCES social_posts (id) ON DELETE CASCADE;
