CREATE TYPE letter AS ENUM ('a', 'b');
CREATE DOMAIN number AS integer CHECK (VALUE > 0);
CREATE TYPE compound AS (x integer);
CREATE TABLE t (e letter DEFAULT 'a', d number, c compound);
CREATE FUNCTION f(letter) RETURNS number LANGUAGE sql AS 'SELECT 1';
