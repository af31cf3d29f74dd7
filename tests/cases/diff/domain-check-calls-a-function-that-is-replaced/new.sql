CREATE FUNCTION good(number integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT number > 0';
CREATE DOMAIN a AS integer CONSTRAINT good CHECK (good(VALUE));
CREATE TABLE t (a a);
