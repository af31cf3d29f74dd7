CREATE SCHEMA store;
CREATE TABLE store.item (id serial PRIMARY KEY, label text);
CREATE VIEW store.labels AS SELECT label FROM store.item;
CREATE FUNCTION store.f() RETURNS bigint LANGUAGE sql STABLE RETURN (SELECT count(*) FROM store.item);
COMMENT ON SCHEMA store IS 'all we sell';
GRANT USAGE ON SCHEMA store TO app_reader;
