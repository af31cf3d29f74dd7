-- Objects of several roles, of whom the role that restores is a member.
--- superuser
GRANT {reader} TO {owner};
GRANT CREATE, USAGE ON SCHEMA public TO {reader};
--- migration
CREATE SCHEMA theirs AUTHORIZATION {reader};
CREATE TABLE mine (id serial PRIMARY KEY, n int); INSERT INTO mine (n) VALUES (1);
CREATE TABLE theirs.one (id serial PRIMARY KEY, n int); INSERT INTO theirs.one (n) VALUES (1);
ALTER TABLE theirs.one OWNER TO {reader};
CREATE VIEW theirs.shown AS SELECT n FROM theirs.one; ALTER VIEW theirs.shown OWNER TO {reader};
CREATE FUNCTION theirs.f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = theirs AS 'SELECT count(*)::int FROM one';
ALTER FUNCTION theirs.f() OWNER TO {reader};
