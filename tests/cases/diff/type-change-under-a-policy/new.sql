CREATE TABLE t (id integer PRIMARY KEY, owner_name text);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON t FOR SELECT TO app_reader USING (owner_name = CURRENT_USER::text);
COMMENT ON POLICY own ON t IS 'one sees what is his';
