-- Several migrations, seeds of the ledger's own tables, and an environment label.
--- migration
CREATE TABLE first_one (id serial PRIMARY KEY, n int); INSERT INTO first_one (n) VALUES (1);
--- migration
CREATE TABLE second_one (id serial PRIMARY KEY, first int REFERENCES first_one); INSERT INTO second_one (first) VALUES (1);
--- migration
CREATE VIEW joined AS SELECT n FROM first_one JOIN second_one ON first = first_one.id;
--- migration
ALTER TABLE first_one ADD COLUMN note text DEFAULT 'none';
