CREATE SCHEMA ops;
CREATE FUNCTION ops.fits_in(text, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT octet_length($1) <= $2 $$;
CREATE OPERATOR ops.@@@ (LEFTARG = text, RIGHTARG = int, FUNCTION = ops.fits_in);
CREATE TABLE t (name text CONSTRAINT fits CHECK (name OPERATOR(ops.@@@) 20), v text);
CREATE VIEW long_names AS SELECT name FROM t WHERE NOT name OPERATOR(ops.@@@) 10;
CREATE INDEX t_fits ON t ((v OPERATOR(ops.@@@) 5));
