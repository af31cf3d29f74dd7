CREATE FUNCTION good(n integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT n > 0';
CREATE TABLE t (n integer CONSTRAINT n_good CHECK (good(n)));
