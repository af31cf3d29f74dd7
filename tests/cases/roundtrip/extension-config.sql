-- An extension with configuration tables: its script fills one of them, people fill both.
-- refused: createdb verify,restore,rollback 3 only a superuser may create the extension
-- refused: createdb,owner in-place 3 to whom it would have to give what it restores
--- superuser
CREATE EXTENSION {extension};
GRANT SELECT, INSERT ON config_filled, config_marked TO {owner};
GRANT SELECT ON SEQUENCE config_ids TO {owner};
--- migration
INSERT INTO config_filled VALUES (101, 'of people'), (102, 'of people');
INSERT INTO config_marked VALUES (101, 'of people', true);
CREATE TABLE plain (id serial PRIMARY KEY, value int);
INSERT INTO plain (value) VALUES (1), (2);
