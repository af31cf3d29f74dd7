CREATE TABLE doc (id int PRIMARY KEY, body text);
CREATE TABLE doc_log (id int, what text);
CREATE RULE doc_ins AS ON INSERT TO doc DO ALSO INSERT INTO doc_log VALUES (NEW.id, 'insert');
CREATE RULE doc_upd AS ON UPDATE TO doc WHERE OLD.body <> NEW.body DO ALSO INSERT INTO doc_log VALUES (NEW.id, 'update');
CREATE RULE doc_keep AS ON DELETE TO doc DO INSTEAD NOTHING;
CREATE RULE doc_off AS ON DELETE TO doc_log DO INSTEAD NOTHING;
