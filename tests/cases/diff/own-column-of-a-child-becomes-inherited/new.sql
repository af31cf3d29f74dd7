CREATE TABLE t (a int, d int, e int); CREATE TABLE u (d int) INHERITS (t); CREATE TABLE v (e int) INHERITS (t);
