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
