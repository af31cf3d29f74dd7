CREATE TABLE a (x integer);
CREATE INDEX shared ON a (x);
CREATE TABLE b (x integer, CONSTRAINT other UNIQUE (x));
