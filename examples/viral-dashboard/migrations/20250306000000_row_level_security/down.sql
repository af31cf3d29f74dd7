-- Whoever may read a table sees all tenants' rows again. No row is lost.
DROP FUNCTION find_user_by_clerk_id(text);
DROP POLICY sign_in ON users;

DROP POLICY tenant_isolation ON scoring_adjustments;
ALTER TABLE scoring_adjustments NO FORCE ROW LEVEL SECURITY;
ALTER TABLE scoring_adjustments DISABLE ROW LEVEL SECURITY;

DROP POLICY tenant_isolation ON reflexion_insights;
ALTER TABLE reflexion_insights NO FORCE ROW LEVEL SECURITY;
ALTER TABLE reflexion_insights DISABLE ROW LEVEL SECURITY;

DROP POLICY tenant_isolation ON self_critiques;
ALTER TABLE self_critiques NO FORCE ROW LEVEL SECURITY;
ALTER TABLE self_critiques DISABLE ROW LEVEL SECURITY;

DROP POLICY tenant_isolation ON analytics_snapshots;
ALTER TABLE analytics_snapshots NO FORCE ROW LEVEL SECURITY;
ALTER TABLE analytics_snapshots DISABLE ROW LEVEL SECURITY;

DROP POLICY tenant_isolation ON performance_feedback;
ALTER TABLE performance_feedback NO FORCE ROW LEVEL SECURITY;
ALTER TABLE performance_feedback DISABLE ROW LEVEL SECURITY;

DROP POLICY tenant_isolation ON social_posts;
ALTER TABLE social_posts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE social_posts DISABLE ROW LEVEL SECURITY;

DROP POLICY tenant_isolation ON social_accounts;
ALTER TABLE social_accounts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE social_accounts DISABLE ROW LEVEL SECURITY;

DROP POLICY tenant_isolation ON videos;
ALTER TABLE videos NO FORCE ROW LEVEL SECURITY;
ALTER TABLE videos DISABLE ROW LEVEL SECURITY;

DROP POLICY tenant_isolation ON generations;
ALTER TABLE generations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE generations DISABLE ROW LEVEL SECURITY;

DROP POLICY tenant_isolation ON users;
ALTER TABLE users NO FORCE ROW LEVEL SECURITY;
ALTER TABLE users DISABLE ROW LEVEL SECURITY;

DROP FUNCTION app_current_tenant();
