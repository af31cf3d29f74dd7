CREATE TYPE a AS ENUM ('x');
CREATE DOMAIN b AS integer;
CREATE TYPE c AS (x integer);
CREATE TYPE d AS RANGE (subtype = date);
CREATE TABLE e (x integer);
CREATE TABLE holder (b b);
