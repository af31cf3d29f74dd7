CREATE TABLE t (id integer);
CREATE TYPE tenth;
CREATE FUNCTION tenth_canonical(tenth) RETURNS tenth LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical';
CREATE TYPE tenth AS RANGE (subtype = integer, canonical = tenth_canonical);
