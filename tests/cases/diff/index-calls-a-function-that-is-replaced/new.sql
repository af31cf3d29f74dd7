CREATE FUNCTION f(integer) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT $1::bigint + 1';
CREATE TABLE t (a integer);
CREATE INDEX i ON t (f(a));
CREATE INDEX j ON t (a) WHERE f(a) > 3;
