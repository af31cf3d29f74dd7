-- A database in EUC_JP.
-- create: ENCODING 'EUC_JP' LC_COLLATE 'C' LC_CTYPE 'C'
--- migration
CREATE TABLE "表" (id serial PRIMARY KEY, "列" text UNIQUE);
INSERT INTO "表" ("列") VALUES ('日本語'), ('ｶﾅ'), ('plain');
CREATE VIEW "図" AS SELECT "列" FROM "表";
