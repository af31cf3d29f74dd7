CREATE TABLE "Item" (id int, "ID" bigint, "iD" text);
CREATE VIEW item AS SELECT id, "ID" AS upper_id FROM "Item";
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
