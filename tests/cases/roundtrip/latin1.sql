-- A database in LATIN1, with names and texts that UTF8 writes in other bytes.
-- create: ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'
--- migration
CREATE TABLE "größe" (id serial PRIMARY KEY, "länge" text UNIQUE);
INSERT INTO "größe" ("länge") VALUES ('naïve'), ('ÿ'), (U&'\00A0');
CREATE VIEW "höhe" AS SELECT "länge" AS "été" FROM "größe";
CREATE SEQUENCE "zähler";
