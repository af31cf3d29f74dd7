CREATE TABLE animal (id integer);
CREATE TABLE dog (name text, breed text) INHERITS (animal);
