CREATE TYPE c AS (a integer, d date);
CREATE TABLE t (id integer PRIMARY KEY, c c, cs c[]);
CREATE FUNCTION f(c) RETURNS integer LANGUAGE sql AS 'SELECT $1.a';
