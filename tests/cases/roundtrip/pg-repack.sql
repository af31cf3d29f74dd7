-- pg_repack, whose objects are only a superuser's.
-- refused: createdb verify,restore,rollback 3 only a superuser may create the extension
-- needs: pg_repack
--- superuser
CREATE EXTENSION pg_repack;
--- migration
CREATE TABLE things (id serial PRIMARY KEY, name text); INSERT INTO things (name) SELECT n::text FROM generate_series(1, 20) n;
