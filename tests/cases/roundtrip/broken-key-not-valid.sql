-- Rows break a foreign key and a CHECK that are NOT VALID.
--- migration
CREATE TABLE owners (id int PRIMARY KEY);
INSERT INTO owners VALUES (1);
CREATE TABLE pets (id serial PRIMARY KEY, owner int, age int);
INSERT INTO pets (owner, age) VALUES (1, 3), (7, -1), (8, 4);
ALTER TABLE pets ADD CONSTRAINT pets_owner_fkey FOREIGN KEY (owner) REFERENCES owners NOT VALID;
ALTER TABLE pets ADD CONSTRAINT pets_age_check CHECK (age > 0) NOT VALID;
