CREATE TABLE a (x bigint); CREATE TABLE c (x bigint) INHERITS (a);
CREATE TABLE d (x text, w int); CREATE TABLE e (x int); CREATE TABLE f (x text, y int, w int) INHERITS (d);
