CREATE SCHEMA a; CREATE SCHEMA b;
CREATE TYPE a.color AS ENUM ('red');
CREATE FUNCTION a.pick() RETURNS a.color LANGUAGE sql AS $$ SELECT 'red'::a.color $$;
CREATE TABLE a.item (id int PRIMARY KEY, c text DEFAULT a.pick()::text);
CREATE VIEW a.red AS SELECT id FROM a.item WHERE c = 'red';
