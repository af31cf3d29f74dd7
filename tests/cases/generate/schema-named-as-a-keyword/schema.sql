CREATE SCHEMA "type";
CREATE TABLE "type".t (id integer PRIMARY KEY);
