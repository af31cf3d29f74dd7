-- Inheritance with merged columns, own defaults and constraints that are not inherited; unlogged and empty tables.
--- migration
CREATE TABLE base (id serial PRIMARY KEY, n int CHECK (n > 0) NO INHERIT, m int);
CREATE TABLE one (n int DEFAULT 7, extra text) INHERITS (base); CREATE TABLE other (id int NOT NULL DEFAULT 1, n int, m int NOT NULL, extra int);
ALTER TABLE other INHERIT base;
INSERT INTO base (n, m) VALUES (1, 1); INSERT INTO one (extra, m) VALUES ('x', 2); INSERT INTO other (extra, n, m) VALUES (1, -1, 3);
CREATE TABLE no_columns (); INSERT INTO no_columns DEFAULT VALUES; INSERT INTO no_columns DEFAULT VALUES;
CREATE UNLOGGED TABLE cache (k text PRIMARY KEY); INSERT INTO cache VALUES ('a'), ('b');
CREATE TABLE empty_one (id serial PRIMARY KEY, n int);
