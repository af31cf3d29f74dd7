CREATE TABLE "Item" (id int, "ID" int, "Id" text);
CREATE VIEW item AS SELECT id, "ID" AS upper_id FROM "Item";
CREATE FUNCTION "F"() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
