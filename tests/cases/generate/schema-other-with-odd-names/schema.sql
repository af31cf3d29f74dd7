CREATE SCHEMA shop;
CREATE TABLE shop."type" (id integer PRIMARY KEY, "has space" integer);
CREATE TABLE shop.usual (id integer PRIMARY KEY, t integer REFERENCES shop."type");
