-- hll: a type with type modifiers, casts, aggregates and an operator class of its own.
-- refused: createdb verify,restore,rollback 3 only a superuser may create the extension
-- needs: hll
--- superuser
CREATE EXTENSION hll;
--- migration
CREATE TABLE visits (day date PRIMARY KEY, users hll, small hll(11, 5, -1, 1) DEFAULT hll_empty(11, 5));
INSERT INTO visits SELECT date '2025-01-01' + d, hll_add_agg(hll_hash_integer(n)), hll_add_agg(hll_hash_integer(n), 11, 5)
  FROM generate_series(0, 4) d, generate_series(1, 100) n GROUP BY d;
CREATE VIEW totals AS SELECT hll_cardinality(hll_union_agg(users)) AS users, #hll_union_agg(small) AS small FROM visits;
CREATE MATERIALIZED VIEW weeks AS SELECT date_trunc('week', day) AS week, hll_union_agg(users) AS users FROM visits GROUP BY 1;
CREATE FUNCTION counted(hll) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT public.hll_cardinality($1)';
CREATE INDEX ON visits (counted(users));
