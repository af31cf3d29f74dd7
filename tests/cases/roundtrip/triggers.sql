-- Triggers of every state, and rules, that change rows when rows are written.
--- migration
CREATE TABLE entries (id serial PRIMARY KEY, n int, changed int DEFAULT 0);
CREATE TABLE audit (id serial PRIMARY KEY, entry int);
INSERT INTO entries (n) SELECT n FROM generate_series(1, 20) n;
CREATE FUNCTION audited() RETURNS trigger LANGUAGE plpgsql
  AS 'BEGIN INSERT INTO audit (entry) VALUES (NEW.id); NEW.changed := NEW.changed + 1; RETURN NEW; END';
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''refused''; END';
CREATE TRIGGER audit BEFORE INSERT OR UPDATE ON entries FOR EACH ROW EXECUTE FUNCTION audited();
CREATE TRIGGER always BEFORE INSERT ON audit FOR EACH ROW WHEN (NEW.entry < 0) EXECUTE FUNCTION refuse();
CREATE TRIGGER disabled BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE audit ENABLE ALWAYS TRIGGER always; ALTER TABLE audit DISABLE TRIGGER disabled;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON audit DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.entry < 0)
  EXECUTE FUNCTION refuse();
CREATE TABLE kept (id serial PRIMARY KEY, n int); INSERT INTO kept (n) VALUES (1);
CREATE RULE kept AS ON DELETE TO kept DO INSTEAD NOTHING;
