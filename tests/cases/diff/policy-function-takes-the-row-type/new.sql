CREATE TABLE doc (id int, owner text, public boolean);
CREATE FUNCTION may_see(d doc) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT d.public OR d.owner = current_user $$;
CREATE POLICY p ON doc USING (may_see(doc));
