CREATE TABLE a (x int); CREATE TABLE b (x int); CREATE TABLE c (x int, z int) INHERITS (b, a);
CREATE TABLE d (x int); CREATE TABLE e (x int, y int); CREATE TABLE f (x int, y int) INHERITS (d, e);
