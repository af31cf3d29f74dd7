CREATE SCHEMA shop;
CREATE TABLE shop.item (id serial PRIMARY KEY, label text);
CREATE VIEW shop.labels AS SELECT label FROM shop.item;
CREATE FUNCTION shop.f() RETURNS bigint LANGUAGE sql STABLE RETURN (SELECT count(*) FROM shop.item);
COMMENT ON SCHEMA shop IS 'all we sell';
GRANT USAGE ON SCHEMA shop TO app_reader;
