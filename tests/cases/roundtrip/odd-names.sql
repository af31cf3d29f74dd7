-- Names with quotes, capitals, blanks, line ends, backslashes, keywords and 63 bytes, and texts that look like commands.
--- migration
CREATE SCHEMA "Odd ""schema"" 'of' mine";
CREATE TYPE "Odd ""schema"" 'of' mine"."a,b" AS ENUM ('it''s', '\.', E'two\nlines', '"');
CREATE TABLE "Odd ""schema"" 'of' mine"."select" (
  "ID" int GENERATED ALWAYS AS IDENTITY, "a ""b""" text DEFAULT '\.', "it's" "Odd ""schema"" 'of' mine"."a,b", "two
lines" text, "$1" text CHECK ("$1" <> E'a\nb'), CONSTRAINT "Primary; --" PRIMARY KEY ("ID")
);
INSERT INTO "Odd ""schema"" 'of' mine"."select" ("it's", "two
lines", "$1") VALUES ('it''s', '\connect x', 'x'), (E'two\nlines', E'-- \\.\n\\.\n', NULL), ('"', E'\\N', '');
CREATE TABLE "Größe" ("Länge" int, "user" text); INSERT INTO "Größe" VALUES (1, 'ü');
CREATE TABLE n23456789012345678901234567890123456789012345678901234567890123 (
  c23456789012345678901234567890123456789012345678901234567890123 serial PRIMARY KEY, n int);
INSERT INTO n23456789012345678901234567890123456789012345678901234567890123 (n) VALUES (1), (2);
CREATE TABLE "pg_dump
COPY" ("\." text); INSERT INTO "pg_dump
COPY" VALUES ('x'), ('\.'), (E'\r\n'), (E'\\');
CREATE FUNCTION "f; DROP"("a b" int) RETURNS int LANGUAGE sql IMMUTABLE AS $f$ SELECT "a b" + 1 $f$;
CREATE VIEW "V'iew" AS SELECT "Länge" AS "x""y", "f; DROP"("Länge") AS "f" FROM "Größe";
CREATE INDEX "i ""n""" ON "Größe" ("f; DROP"("Länge"));
COMMENT ON TABLE "Größe" IS E'it''s\n\\! id\n-- none';
