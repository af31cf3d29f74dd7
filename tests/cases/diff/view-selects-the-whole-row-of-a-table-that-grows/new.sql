CREATE TABLE t (id int, n int, added text);
CREATE VIEW rows_of_t AS SELECT t.id, t AS whole FROM t;
