CREATE TABLE "select" ("from" integer, "Order" text);
CREATE TABLE "Select" ("from" integer);
