CREATE SCHEMA a; CREATE SCHEMA b;
CREATE TYPE b.color AS ENUM ('red');
CREATE FUNCTION b.pick() RETURNS b.color LANGUAGE sql AS $$ SELECT 'red'::b.color $$;
CREATE TABLE a.item (id int PRIMARY KEY, c text DEFAULT b.pick()::text);
CREATE VIEW b.red AS SELECT id FROM a.item WHERE c = 'red';
