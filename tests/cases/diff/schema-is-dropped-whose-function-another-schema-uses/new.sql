CREATE SCHEMA lib;
CREATE FUNCTION lib.make_id() RETURNS text LANGUAGE sql AS $$ SELECT md5(random()::text) $$;
CREATE SCHEMA app;
CREATE TABLE app.t (id text DEFAULT lib.make_id(), n int CHECK (n IS NULL OR lib.make_id() <> ''));
