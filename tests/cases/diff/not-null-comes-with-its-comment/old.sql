CREATE TABLE a (z int); CREATE TABLE b (z int);
