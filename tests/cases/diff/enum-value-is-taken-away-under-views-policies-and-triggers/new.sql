CREATE TYPE role AS ENUM ('admin', 'user');
CREATE TABLE usr (id int, r role NOT NULL DEFAULT 'user', rs role[] DEFAULT '{user}');
CREATE INDEX usr_admin ON usr (id) WHERE r = 'admin';
CREATE VIEW admins AS SELECT id FROM usr WHERE r = 'admin';
CREATE POLICY p ON usr USING (r <> 'user');
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER tr BEFORE UPDATE ON usr FOR EACH ROW WHEN (NEW.r = 'admin') EXECUTE FUNCTION f();
CREATE FUNCTION is_admin(r role) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT r = 'admin' $$;
ALTER TABLE usr ADD CONSTRAINT c CHECK (NOT is_admin(r) OR id > 0);
