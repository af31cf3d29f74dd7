CREATE TABLE animal (id integer);
CREATE TABLE dog (name text, breed text) INHERITS (animal);
CREATE TABLE cat () INHERITS (animal);
