-- The database keeps tenants apart: a role that is neither superuser nor BYPASSRLS sees the rows of the tenant named by
-- SELECT set_config('app.tenant_id', '…', true), in that transaction only, which is safe behind a pooler. Without it,
-- no rows. FORCE holds the owner too, so seeds and backups run as a role that bypasses row security.

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
