CREATE TABLE person (id int PRIMARY KEY, name text, born date);
CREATE VIEW person_v AS SELECT id, name, born FROM person;
CREATE RULE person_ins AS ON INSERT TO person_v DO INSTEAD INSERT INTO person (id, name, born) VALUES (NEW.id, NEW.name, NEW.born) RETURNING id, name, born;
