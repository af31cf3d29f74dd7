-- Materialized views, one over the other, call a function that finds a table by the search_path.
-- until: 16
--- migration
CREATE TABLE prices (id serial PRIMARY KEY, price int);
INSERT INTO prices (price) SELECT n FROM generate_series(1, 20) n;
CREATE FUNCTION total() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT sum(price) FROM prices';
CREATE MATERIALIZED VIEW totals AS SELECT total() AS total;
CREATE MATERIALIZED VIEW halves AS SELECT total / 2 AS half FROM totals;
CREATE UNIQUE INDEX ON totals (total);
CREATE MATERIALIZED VIEW never_filled AS SELECT total() AS total WITH NO DATA;
