CREATE TABLE animal (id integer, CONSTRAINT id_positive CHECK (id > 0));
CREATE TABLE dog (CONSTRAINT id_positive CHECK (id > 0)) INHERITS (animal);
CREATE TABLE cat (CONSTRAINT cat_small CHECK (id < 50)) INHERITS (animal);
