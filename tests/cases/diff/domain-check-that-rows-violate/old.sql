CREATE DOMAIN a AS integer;
CREATE TABLE t (a a);
