CREATE SCHEMA "Odd-Name";
CREATE TABLE "Odd-Name".t (id integer PRIMARY KEY);
