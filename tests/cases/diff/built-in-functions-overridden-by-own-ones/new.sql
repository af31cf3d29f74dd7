CREATE SCHEMA app;
CREATE FUNCTION app.length(pg_catalog.text, boolean DEFAULT true) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 0 $$;
CREATE FUNCTION app.lower(varchar) RETURNS varchar LANGUAGE sql IMMUTABLE AS $$ SELECT $1 $$;
CREATE TABLE t (a text CHECK (app.length(a, false) >= 0));
CREATE INDEX t_low ON t (app.lower(a::varchar));
CREATE VIEW v AS SELECT lower(a) AS built_in, app.lower(a::varchar) AS own FROM t;
