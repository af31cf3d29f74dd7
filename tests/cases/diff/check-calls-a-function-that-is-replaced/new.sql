CREATE FUNCTION good(n bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT n > 1';
CREATE TABLE t (n integer CONSTRAINT n_good CHECK (good(n)));
