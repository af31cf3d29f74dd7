CREATE TABLE p (id integer, a text);
CREATE TABLE c (b text) INHERITS (p);
CREATE TABLE d () INHERITS (c);
