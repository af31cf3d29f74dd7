CREATE TABLE animal (id integer, name text);
CREATE TABLE dog (id integer, name text, breed text);
CREATE TABLE cat (id integer, name text) INHERITS (animal);
CREATE TABLE bird (wings integer) INHERITS (animal);
CREATE TABLE fish (fins integer) INHERITS (animal);
