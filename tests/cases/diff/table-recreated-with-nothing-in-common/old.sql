CREATE TABLE t (a integer PRIMARY KEY, b text UNIQUE);
CREATE INDEX t_ab ON t (a, b);
