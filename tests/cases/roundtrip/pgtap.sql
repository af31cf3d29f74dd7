-- pgTAP: over a thousand functions and views in a schema of its own, which its owner may create.
-- needs: pgtap
--- migration
CREATE SCHEMA tap; CREATE EXTENSION pgtap SCHEMA tap;
CREATE TABLE things (id serial PRIMARY KEY, name text); INSERT INTO things (name) VALUES ('a'), ('b');
CREATE SCHEMA checks;
CREATE FUNCTION checks.test_things() RETURNS SETOF text LANGUAGE plpgsql SET search_path = tap, public
  AS $$BEGIN RETURN NEXT has_table('public', 'things', 'a table'); END$$;
