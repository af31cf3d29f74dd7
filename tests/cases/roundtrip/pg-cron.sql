-- pg_cron with jobs: only the database that cron.database_name names can have it, and no other beside it.
-- preload: pg_cron
-- needs: pg_cron
-- runners: superuser
--- superuser
CREATE EXTENSION pg_cron;
SELECT cron.schedule('nightly', '0 3 * * *', 'SELECT 1');
--- migration
CREATE TABLE things (id serial PRIMARY KEY, name text); INSERT INTO things (name) VALUES ('a'), ('b');
