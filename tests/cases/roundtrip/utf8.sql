-- UTF8 with texts of four bytes, combining marks and both normal forms.
--- migration
CREATE TABLE "表 😀" (id serial PRIMARY KEY, "значение" text UNIQUE);
INSERT INTO "表 😀" ("значение") VALUES ('😀'), ('é'), (U&'e\0301'), ('日本語'), (U&'\+01F469\200D\+01F4BB'), (E'\u2028'), ('');
CREATE VIEW "Ω" AS SELECT "значение" AS "ß" FROM "表 😀";
CREATE SEQUENCE "счётчик";
