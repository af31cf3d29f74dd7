CREATE TYPE c AS (a integer, b text);
CREATE TABLE t (id integer PRIMARY KEY, c c);
