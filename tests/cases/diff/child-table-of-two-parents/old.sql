CREATE TABLE a (id integer, x integer);
CREATE TABLE b (id integer, y integer);
CREATE TABLE c (z integer) INHERITS (a);
