-- An extension that has lost a member and got other grants since it was created.
-- refused: createdb verify,restore,rollback 3 only a superuser can create
-- refused: createdb,owner in-place 3 the backup has schemas that belong to other roles here
-- fault: superuser verify 10 function "show_limit" already exists
-- fault: superuser restore,rollback 1 function "show_limit" already exists
-- needs: pg_trgm
--- superuser
CREATE SCHEMA tools;
CREATE EXTENSION pg_trgm SCHEMA tools;
ALTER EXTENSION pg_trgm DROP FUNCTION tools.show_limit();
REVOKE EXECUTE ON FUNCTION tools.similarity(text, text) FROM PUBLIC;
GRANT USAGE ON SCHEMA tools TO PUBLIC;
GRANT EXECUTE ON FUNCTION tools.similarity(text, text) TO {reader};
--- migration
CREATE TABLE names (id serial PRIMARY KEY, name text);
INSERT INTO names (name) VALUES ('ada'), ('bob');
CREATE INDEX ON names USING gin (name tools.gin_trgm_ops);
