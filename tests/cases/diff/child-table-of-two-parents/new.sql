CREATE TABLE a (id integer, x integer);
CREATE TABLE b (id integer, y integer);
CREATE TABLE c (z integer) INHERITS (a, b);
CREATE TABLE d () INHERITS (b, a);
CREATE TABLE e (id integer NOT NULL) INHERITS (c);
