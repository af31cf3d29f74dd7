CREATE TABLE doc (id int PRIMARY KEY, body text);
CREATE TABLE doc_log (id int, what text);
CREATE RULE doc_ins AS ON INSERT TO doc DO ALSO (INSERT INTO doc_log VALUES (NEW.id, 'insert; really'); UPDATE doc_log SET what = upper(what) WHERE id = NEW.id);
CREATE RULE doc_upd AS ON UPDATE TO doc WHERE OLD.body IS DISTINCT FROM NEW.body DO ALSO INSERT INTO doc_log VALUES (NEW.id, 'update');
CREATE RULE doc_off AS ON DELETE TO doc_log DO INSTEAD NOTHING;
ALTER TABLE doc_log DISABLE RULE doc_off;
COMMENT ON RULE doc_off ON doc_log IS 'off for now';
