CREATE FUNCTION near(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT abs($1 - $2) < 3 $$;
CREATE OPERATOR ~~~ (LEFTARG = int, RIGHTARG = int, FUNCTION = near, RESTRICT = eqsel);
CREATE TABLE t (a int, b int);
CREATE VIEW close_ones AS SELECT a, b FROM t WHERE a ~~~ b;
