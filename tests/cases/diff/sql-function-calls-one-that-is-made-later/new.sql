CREATE TABLE t (id int);
SET check_function_bodies = off;
CREATE FUNCTION z_inner(a int) RETURNS int LANGUAGE sql AS $$ SELECT a + count(*)::int FROM z_table $$;
CREATE FUNCTION a_outer(a int) RETURNS int LANGUAGE sql AS $$ SELECT z_inner(a) + (SELECT n FROM z_view) $$;
RESET check_function_bodies;
CREATE TABLE z_table (n int);
CREATE VIEW z_view AS SELECT 1 AS n;
