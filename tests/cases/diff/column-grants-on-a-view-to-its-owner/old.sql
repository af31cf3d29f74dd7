CREATE TABLE t (a int, b int, c int); CREATE VIEW v AS SELECT a FROM t;
