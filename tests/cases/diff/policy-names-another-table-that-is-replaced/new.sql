CREATE TABLE users (usr text, active boolean);
CREATE VIEW allowed AS SELECT usr FROM users WHERE active;
CREATE TABLE doc (id int, owner text);
CREATE POLICY own ON doc USING (owner IN (SELECT usr FROM allowed));
