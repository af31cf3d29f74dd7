CREATE TABLE a (id int PRIMARY KEY, x int, y text);
CREATE TABLE b (id int PRIMARY KEY, z int);
CREATE PUBLICATION p FOR TABLE a (id, x) WHERE (id > 10), b;
