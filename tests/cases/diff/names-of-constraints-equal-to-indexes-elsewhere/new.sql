CREATE TABLE a (x integer, CONSTRAINT other UNIQUE (x));
CREATE TABLE b (x integer, CONSTRAINT shared UNIQUE (x));
CREATE TABLE c (x integer CONSTRAINT shared CHECK (x > 0), y integer CONSTRAINT other REFERENCES a (x));
