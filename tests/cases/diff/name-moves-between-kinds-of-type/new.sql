CREATE DOMAIN a AS integer;
CREATE TYPE b AS (x integer);
CREATE TYPE c AS RANGE (subtype = date);
CREATE TABLE d (x integer);
CREATE TYPE e AS ENUM ('x');
CREATE TABLE holder (b b);
