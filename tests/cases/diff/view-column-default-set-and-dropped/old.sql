CREATE TABLE person (id int PRIMARY KEY, note text, rank int);
CREATE VIEW person_view AS SELECT id, note, rank FROM person;
ALTER VIEW person_view ALTER COLUMN note SET DEFAULT 'none';
ALTER VIEW person_view ALTER COLUMN rank SET DEFAULT 1;
