CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
CREATE TABLE t (a integer);
CREATE INDEX i ON t (f(a));
CREATE INDEX j ON t (a) WHERE f(a) > 3;
