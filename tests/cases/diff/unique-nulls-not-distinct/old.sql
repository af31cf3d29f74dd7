CREATE TABLE t (a integer CONSTRAINT ua UNIQUE, b integer);
CREATE UNIQUE INDEX ub ON t (b);
