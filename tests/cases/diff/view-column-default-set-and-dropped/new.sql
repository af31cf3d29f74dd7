CREATE TABLE person (id int PRIMARY KEY, note text, rank int);
CREATE VIEW person_view AS SELECT id, note, rank FROM person;
ALTER VIEW person_view ALTER COLUMN rank SET DEFAULT 2;
ALTER VIEW person_view ALTER COLUMN id SET DEFAULT 100;
