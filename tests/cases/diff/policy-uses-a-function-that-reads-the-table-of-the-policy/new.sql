CREATE TABLE team (id bigint PRIMARY KEY, lead text);
CREATE FUNCTION is_lead(team_id bigint) RETURNS boolean LANGUAGE sql STABLE BEGIN ATOMIC SELECT EXISTS (SELECT FROM team WHERE id = team_id AND lead = current_user); END;
ALTER TABLE team ENABLE ROW LEVEL SECURITY;
CREATE POLICY lead_only ON team USING (is_lead(id));
