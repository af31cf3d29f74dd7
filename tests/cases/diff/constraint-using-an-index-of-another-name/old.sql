CREATE TABLE t (a integer NOT NULL, b integer);
CREATE UNIQUE INDEX t_a_quick ON t (a);
CREATE UNIQUE INDEX t_b_quick ON t (b) WITH (fillfactor = 60);
