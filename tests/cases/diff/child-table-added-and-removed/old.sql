CREATE TABLE animal (id integer, name text);
CREATE TABLE dog (breed text) INHERITS (animal);
CREATE TABLE cat (id integer, name text);
CREATE TABLE bird (wings integer) INHERITS (animal);
