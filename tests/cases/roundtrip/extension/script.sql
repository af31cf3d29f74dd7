-- The extension of `extension-config`: one table that this script fills, one whose rows are marked.
CREATE TABLE config_filled (id int PRIMARY KEY, source text DEFAULT 'of people');
INSERT INTO config_filled SELECT n, 'of the script' FROM generate_series(1, 50) n;
SELECT pg_catalog.pg_extension_config_dump('config_filled', 'WHERE source <> ''of the script''');
CREATE TABLE config_marked (id int PRIMARY KEY, source text, is_own boolean DEFAULT true);
INSERT INTO config_marked SELECT n, 'of the script', false FROM generate_series(1, 5) n;
SELECT pg_catalog.pg_extension_config_dump('config_marked', 'WHERE is_own');
CREATE SEQUENCE config_ids;
SELECT pg_catalog.pg_extension_config_dump('config_ids', '');
