CREATE TABLE doc (id int, owner text);
CREATE FUNCTION may_see(d doc) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT d.owner = current_user $$;
CREATE POLICY p ON doc USING (may_see(doc));
