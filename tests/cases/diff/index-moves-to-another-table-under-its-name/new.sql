CREATE TABLE t (a integer);
CREATE TABLE u (a integer);
CREATE INDEX quick ON u (a);
