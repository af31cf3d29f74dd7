CREATE SCHEMA util;
CREATE FUNCTION util.new_id() RETURNS text LANGUAGE sql AS $$ SELECT md5(random()::text) $$;
CREATE SCHEMA app;
CREATE TABLE app.t (id text DEFAULT util.new_id(), n int CHECK (n IS NULL OR util.new_id() <> ''));
