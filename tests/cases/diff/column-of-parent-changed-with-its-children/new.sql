CREATE TABLE animal (id integer, age bigint DEFAULT 1 NOT NULL, weight integer);
CREATE TABLE dog (breed text) INHERITS (animal);
CREATE TABLE pug () INHERITS (dog);
ALTER TABLE pug ALTER age SET DEFAULT 2;
CREATE VIEW v AS SELECT age FROM pug;
