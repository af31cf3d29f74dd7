CREATE TYPE mytext;
CREATE FUNCTION mytext_in(cstring) RETURNS mytext LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION mytext_out(mytext) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE mytext (INPUT = mytext_in, OUTPUT = mytext_out, LIKE = text, CATEGORY = 'S');
CREATE CAST (mytext AS text) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (text AS mytext) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE TABLE t (id int);
CREATE VIEW v AS SELECT 'x'::mytext AS m, length('x'::mytext) AS n;
