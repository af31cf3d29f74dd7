CREATE TABLE animal (id integer, CONSTRAINT id_positive CHECK (id > 0) NO INHERIT, CONSTRAINT id_even CHECK (id % 2 = 0));
CREATE TABLE dog (CONSTRAINT id_positive CHECK (id > 0)) INHERITS (animal);
CREATE TABLE cat (CONSTRAINT cat_small CHECK (id < 60)) INHERITS (animal);
