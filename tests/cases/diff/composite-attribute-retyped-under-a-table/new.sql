CREATE TYPE c AS (a bigint, b text);
CREATE TABLE t (id integer PRIMARY KEY, c c DEFAULT ROW(1, 'x'));
CREATE VIEW v AS SELECT (t.c).a AS a FROM t;
