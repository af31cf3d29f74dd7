CREATE SEQUENCE s; CREATE TABLE p (a int DEFAULT nextval('s'), b int DEFAULT 2, c int); CREATE TABLE r () INHERITS (p);
