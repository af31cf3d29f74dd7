CREATE SCHEMA "My ""Schema"".x";
SET search_path = "My ""Schema"".x";
CREATE TYPE "User" AS ENUM ('it''s', 'back\slash', '"');
CREATE TYPE "co.mp" AS ("Select" int, "a b" text);
CREATE DOMAIN "do%main" AS text CONSTRAINT "ch""eck" CHECK (VALUE <> '$$');
CREATE SEQUENCE "se q$1";
CREATE COLLATION "C.o" (provider = libc, locale = 'C');
CREATE TABLE "Order" (
  "group" int CONSTRAINT "p.k" PRIMARY KEY DEFAULT nextval('"se q$1"'),
  "Na""me" "do%main" COLLATE "C.o" CONSTRAINT "n n" CHECK ("Na""me" <> ''),
  "u" "User" DEFAULT 'it''s', "c" "co.mp", "back\slash" int CONSTRAINT "f;k" REFERENCES "Order",
  "g " text GENERATED ALWAYS AS (upper("Na""me")) STORED
);
CREATE INDEX "in""dex; --" ON "Order" (lower("Na""me"), "back\slash") WHERE "u" = 'it''s';
CREATE STATISTICS "st.at" ON "group", "u" FROM "Order";
CREATE VIEW "Vi ew" AS SELECT "group" AS "from", "Na""me" AS "a.b" FROM "Order";
CREATE MATERIALIZED VIEW "$mat$" AS SELECT count(*) AS "%d" FROM "Order";
CREATE FUNCTION "f""n"("Arg 1" int, "user" "User"[]) RETURNS TABLE ("T 1" int, "select" text) LANGUAGE sql AS $$ SELECT "Arg 1", '' $$;
CREATE FUNCTION "Tr"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER "tr ""1""" BEFORE UPDATE OF "back\slash" ON "Order" FOR EACH ROW WHEN (NEW."Na""me" <> 'x') EXECUTE FUNCTION "Tr"('"');
CREATE RULE "ru.le" AS ON DELETE TO "Order" DO INSTEAD NOTHING;
CREATE POLICY "po'licy" ON "Order" TO "App Admin" USING ("group" > 0);
CREATE FUNCTION "Eq"("User", "User") RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 = $2 $$;
CREATE OPERATOR === (LEFTARG = "User", RIGHTARG = "User", FUNCTION = "Eq");
CREATE AGGREGATE "Agg"("Val" int) (SFUNC = int4pl, STYPE = int);
CREATE PUBLICATION "Pub ""1""" FOR TABLE "Order";
COMMENT ON COLUMN "Order"."Na""me" IS 'x'; COMMENT ON TRIGGER "tr ""1""" ON "Order" IS 'x'; COMMENT ON CONSTRAINT "ch""eck" ON DOMAIN "do%main" IS 'x';
COMMENT ON FUNCTION "f""n"(int, "User"[]) IS 'x'; COMMENT ON POLICY "po'licy" ON "Order" IS 'x'; COMMENT ON INDEX "in""dex; --" IS 'x';
GRANT SELECT ("back\slash") ON "Order" TO "App Admin"; GRANT USAGE ON TYPE "User" TO "App Admin"; GRANT EXECUTE ON FUNCTION "f""n" TO "App Admin";
RESET search_path;
