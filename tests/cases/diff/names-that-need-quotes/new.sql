CREATE SCHEMA "My Schema";
CREATE TABLE "My Schema"."it's a ""table""" ("Column.1" bigint PRIMARY KEY, "100%" text NOT NULL, "back\slash" varchar(9) DEFAULT E'it''s \\', "a ""b"" $1" text CHECK ("a ""b"" $1" <> '$$'));
CREATE INDEX "; DROP TABLE x; --" ON "My Schema"."it's a ""table""" ("100%", lower("a ""b"" $1"));
CREATE TYPE "My Schema"."a.b" AS ENUM ('x', E'y\\', '%s');
CREATE VIEW "My Schema"."$v$" AS SELECT "100%" AS "50%" FROM "My Schema"."it's a ""table""";
COMMENT ON VIEW "My Schema"."$v$" IS '$v$';
