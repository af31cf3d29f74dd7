CREATE TABLE note (id int, owner text, shared boolean);
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
CREATE POLICY p_cmd ON note FOR DELETE USING (shared);
CREATE POLICY p_perm ON note AS RESTRICTIVE USING (owner = current_user);
CREATE POLICY p_roles ON note TO PUBLIC USING (true);
CREATE POLICY p_using ON note FOR UPDATE TO app_writer, "App Admin" USING (shared AND id > 0) WITH CHECK (owner <> '');
CREATE POLICY p_check ON note FOR INSERT TO CURRENT_USER WITH CHECK (id > 1);
CREATE POLICY p_lose ON note USING (shared);
COMMENT ON POLICY p_cmd ON note IS 'everyone''s';
