CREATE SCHEMA app;
CREATE TABLE app.t (id int);
SET search_path = app;
CREATE FUNCTION app.n() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM t $$;
CREATE FUNCTION app.first() RETURNS app.t LANGUAGE sql SET search_path = app AS $$ SELECT * FROM t LIMIT 1 $$;
RESET search_path;
