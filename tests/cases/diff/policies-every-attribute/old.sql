CREATE TABLE note (id int, owner text, shared boolean);
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
CREATE POLICY p_cmd ON note FOR SELECT USING (shared);
CREATE POLICY p_perm ON note AS PERMISSIVE USING (owner = current_user);
CREATE POLICY p_roles ON note TO app_reader USING (true);
CREATE POLICY p_using ON note FOR UPDATE TO app_writer USING (shared) WITH CHECK (owner IS NOT NULL);
CREATE POLICY p_check ON note FOR INSERT WITH CHECK (id > 0);
CREATE POLICY p_lose ON note USING (shared) WITH CHECK (shared);
COMMENT ON POLICY p_cmd ON note IS 'everyone''s';
