-- ICU collations, one nondeterministic, in columns, keys, indexes and partition bounds.
-- icu
--- migration
CREATE SCHEMA "Sorts";
CREATE COLLATION "Sorts".insensitive (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false);
CREATE COLLATION numeric_order (PROVIDER = icu, LOCALE = 'en-u-kn-true');
CREATE TABLE names (id serial, name text COLLATE "Sorts".insensitive PRIMARY KEY);
INSERT INTO names (name) VALUES ('Ada'), ('bob'), ('Ünal');
CREATE TABLE files (name text COLLATE numeric_order) PARTITION BY RANGE (name);
CREATE TABLE files_low PARTITION OF files FOR VALUES FROM (MINVALUE) TO ('f100');
CREATE TABLE files_high PARTITION OF files FOR VALUES FROM ('f100') TO (MAXVALUE);
INSERT INTO files SELECT 'f' || n FROM generate_series(1, 200, 7) n;
CREATE INDEX ON files (name);
CREATE DOMAIN own_name AS text COLLATE "Sorts".insensitive CHECK (VALUE <> 'NONE');
CREATE TABLE owned (name own_name); INSERT INTO owned VALUES ('None of it');
