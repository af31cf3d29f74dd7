CREATE TABLE team (id int PRIMARY KEY, lead text);
CREATE FUNCTION is_lead(team_id int) RETURNS boolean LANGUAGE sql STABLE BEGIN ATOMIC SELECT EXISTS (SELECT FROM team WHERE id = team_id AND lead = current_user); END;
ALTER TABLE team ENABLE ROW LEVEL SECURITY;
CREATE POLICY lead_only ON team USING (is_lead(id));
