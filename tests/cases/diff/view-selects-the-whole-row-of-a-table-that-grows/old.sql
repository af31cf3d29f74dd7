CREATE TABLE t (id int, n int);
CREATE VIEW rows_of_t AS SELECT t.id, t AS whole FROM t;
