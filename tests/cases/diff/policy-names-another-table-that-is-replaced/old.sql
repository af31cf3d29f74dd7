CREATE TABLE allowed (usr text);
CREATE TABLE doc (id int, owner text);
CREATE POLICY own ON doc USING (owner IN (SELECT usr FROM allowed));
