CREATE TYPE c AS (a bigint, b text);
CREATE TABLE t (id integer PRIMARY KEY, c c);
