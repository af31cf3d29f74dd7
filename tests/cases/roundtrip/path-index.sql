-- Index expressions and predicates call a function that finds a table and another function by the search_path.
-- until: 16
--- migration
CREATE TABLE factors (id int PRIMARY KEY, factor int);
INSERT INTO factors VALUES (1, 10);
CREATE FUNCTION scaled(int) RETURNS bigint LANGUAGE plpgsql IMMUTABLE
  AS 'BEGIN RETURN $1::bigint * (SELECT factor FROM factors WHERE id = 1); END';
CREATE FUNCTION is_large(int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN scaled($1) > 50; END';
CREATE TABLE readings (id serial PRIMARY KEY, value int);
INSERT INTO readings (value) SELECT n FROM generate_series(1, 20) n;
CREATE INDEX readings_scaled ON readings (scaled(value));
CREATE INDEX readings_large ON readings (value) WHERE is_large(value);
