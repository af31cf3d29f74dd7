CREATE TABLE c (x int); CREATE TABLE b (x int) INHERITS (c); CREATE TABLE a (x int) INHERITS (b);
