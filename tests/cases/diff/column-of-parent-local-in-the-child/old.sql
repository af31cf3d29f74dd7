CREATE TABLE animal (id integer, name text);
CREATE TABLE dog (name text, breed text) INHERITS (animal);
CREATE TABLE cat () INHERITS (animal);
