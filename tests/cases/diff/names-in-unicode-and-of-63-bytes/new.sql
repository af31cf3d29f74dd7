CREATE TABLE "名前" (id int, "añejo_😀" text DEFAULT '☃');
CREATE TABLE abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc (id serial PRIMARY KEY, abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc int UNIQUE CHECK (abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc > 0));
CREATE INDEX ON abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc (abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc);
CREATE VIEW "äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü1" AS SELECT id AS "e\u0301", U&'\0041' AS "ÅÅ" FROM "名前";
CREATE FUNCTION "ΑΒΓ"("δ" int) RETURNS int LANGUAGE sql AS $ü$ SELECT "δ" $ü$;
CREATE TYPE "Ñ" AS ENUM ('é', '日本');
COMMENT ON TABLE "名前" IS 'テーブル';
