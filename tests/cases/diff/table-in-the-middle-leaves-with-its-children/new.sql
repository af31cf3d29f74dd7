CREATE TABLE b (x int); CREATE TABLE c (x int); CREATE TABLE e (x int); CREATE TABLE f (x int); CREATE TABLE g (x int) INHERITS (f);
