CREATE TABLE a (x integer, y integer, PRIMARY KEY (x, y), UNIQUE (y, x));
CREATE TABLE b (x integer, y integer, CONSTRAINT f FOREIGN KEY (x, y) REFERENCES a (x, y));
