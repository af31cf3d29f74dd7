CREATE TABLE t (a integer, b integer, CONSTRAINT t_a UNIQUE (a));
