-- Rows break a foreign key that looks valid: they were written under session_replication_role.
-- changes: superuser,createdb restore,in-place,rollback 0 pets_owner_fkey || status: was
-- changes: owner in-place 0 pets_owner_fkey || status: was
--- migration
CREATE TABLE owners (id int PRIMARY KEY);
INSERT INTO owners VALUES (1);
CREATE TABLE pets (id serial PRIMARY KEY, owner int CONSTRAINT pets_owner_fkey REFERENCES owners);
INSERT INTO pets (owner) VALUES (1);
--- superuser
SET session_replication_role = replica;
INSERT INTO pets (owner) VALUES (7), (8);
