CREATE TYPE state AS ENUM ('new', 'paused', 'done');
CREATE TABLE job (id int, s state DEFAULT 'paused');
CREATE FUNCTION jobs(s state DEFAULT 'paused') RETURNS SETOF job LANGUAGE sql AS $$ SELECT * FROM job j WHERE j.s = $1 $$;
CREATE VIEW waiting AS SELECT id FROM job WHERE s IN ('new', 'paused');
CREATE INDEX job_paused ON job (id) WHERE s = 'paused';
