CREATE TABLE a (x int); CREATE TABLE b (x int) INHERITS (a); CREATE TABLE c (x int) INHERITS (b);
