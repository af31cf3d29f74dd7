CREATE TABLE person (id int PRIMARY KEY, name text);
CREATE VIEW person_v AS SELECT id, name FROM person;
CREATE RULE person_ins AS ON INSERT TO person_v DO INSTEAD INSERT INTO person (id, name) VALUES (NEW.id, NEW.name) RETURNING id, name;
