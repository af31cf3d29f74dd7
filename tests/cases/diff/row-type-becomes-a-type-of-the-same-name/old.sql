CREATE TABLE c (a int, b text); CREATE TABLE t (v c, w c[]);
CREATE TYPE d AS (a int, b text); CREATE TABLE u (v d);
CREATE TYPE e AS (a int); CREATE FUNCTION f() RETURNS SETOF e LANGUAGE sql AS 'SELECT 1';
CREATE TYPE m AS (x int); CREATE DOMAIN n AS m CHECK ((VALUE).x > 0);
