-- Publications, statistics, own operators, aggregates, ranges and casts between own types.
--- migration
CREATE TYPE span AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi);
CREATE TYPE pair AS (a int, b int);
CREATE FUNCTION pair_sum(pair) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT ($1).a + ($1).b';
CREATE CAST (pair AS int) WITH FUNCTION pair_sum(pair) AS ASSIGNMENT;
CREATE FUNCTION pair_lt(pair, pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT ($1).a < ($2).a';
CREATE OPERATOR <<< (LEFTARG = pair, RIGHTARG = pair, FUNCTION = pair_lt);
CREATE AGGREGATE product (int) (SFUNC = int4mul, STYPE = int, INITCOND = '1');
CREATE TABLE spans (id serial PRIMARY KEY, span span, pair pair, CHECK (pair <<< ROW(100, 1)::pair), EXCLUDE USING gist (span WITH &&));
INSERT INTO spans (span, pair) SELECT span(n, n + 0.5), ROW(n, n)::pair FROM generate_series(1, 20) n;
CREATE STATISTICS st (ndistinct) ON id, (span::text) FROM spans;
CREATE VIEW products AS SELECT product(id) FROM spans WHERE id < 5;
CREATE PUBLICATION some_rows FOR TABLE spans;
ALTER TABLE spans REPLICA IDENTITY FULL;
CREATE FUNCTION many(VARIADIC int[]) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT cardinality($1)';
CREATE PROCEDURE nothing() LANGUAGE plpgsql AS 'BEGIN NULL; END';
