CREATE SCHEMA app;
CREATE TABLE app.a_node (id int, parent int);
CREATE FUNCTION app.depth(n app.a_node) RETURNS int LANGUAGE sql STABLE AS $$ SELECT count(*)::int FROM app.a_node $$;
ALTER TABLE app.a_node ADD COLUMN d int, ADD CONSTRAINT deep CHECK (app.depth(a_node) < 9);
CREATE VIEW app.a_view AS SELECT app.depth(n) AS depth FROM app.a_node n;
CREATE FUNCTION app.over(v app.a_view) RETURNS boolean LANGUAGE sql AS $$ SELECT v.depth > 3 $$;
CREATE POLICY p ON app.a_node USING ((SELECT bool_and(app.over(v)) FROM app.a_view v));
