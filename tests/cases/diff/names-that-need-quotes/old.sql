CREATE SCHEMA "My Schema";
CREATE TABLE "My Schema"."it's a ""table""" ("Column.1" integer PRIMARY KEY, "100%" text, "back\slash" text DEFAULT E'\\', "a b" text);
