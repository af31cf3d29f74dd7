CREATE TABLE animal (id integer, age integer DEFAULT 0);
CREATE TABLE dog (breed text) INHERITS (animal);
CREATE TABLE pug () INHERITS (dog);
CREATE VIEW v AS SELECT age FROM pug;
