CREATE TABLE "select" ("from" bigint, "Order" varchar(5) NOT NULL, "order" text, "table" integer DEFAULT 1, "user" text);
CREATE UNIQUE INDEX "Index" ON "select" ("from", "order");
CREATE INDEX index ON "select" ("Order");
CREATE TABLE "SELECT" ("from" integer PRIMARY KEY);
CREATE VIEW "group" AS SELECT "from", "Order" AS "order" FROM "select";
CREATE TYPE "User" AS ENUM ('user', 'User', 'USER');
CREATE SEQUENCE "sequence";
CREATE FUNCTION "function"("in" "User") RETURNS "User" LANGUAGE sql AS 'SELECT $1';
