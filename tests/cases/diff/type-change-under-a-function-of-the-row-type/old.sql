CREATE TABLE t (id integer PRIMARY KEY, n integer);
CREATE FUNCTION doubled(r t) RETURNS bigint LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT (r).n * 2::bigint; END;
CREATE FUNCTION first_n() RETURNS bigint LANGUAGE sql STABLE RETURN (SELECT t.n FROM t ORDER BY t.id LIMIT 1);
CREATE VIEW v AS SELECT doubled(t.*) AS d, first_n() AS f FROM t;
