CREATE TABLE t (id int, n bigint);
CREATE VIEW rows_of_t AS SELECT t.id, t AS whole FROM t;
CREATE FUNCTION whole(x t) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT (x).n::int $$;
