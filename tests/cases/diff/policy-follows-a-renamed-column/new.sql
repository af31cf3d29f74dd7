CREATE TABLE doc (id int, owner_name text);
ALTER TABLE doc ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON doc USING (owner_name = current_user);
