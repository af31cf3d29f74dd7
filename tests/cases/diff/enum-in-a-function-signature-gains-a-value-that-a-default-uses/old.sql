CREATE TYPE state AS ENUM ('new', 'done');
CREATE TABLE job (id int, s state DEFAULT 'new');
CREATE FUNCTION jobs(s state DEFAULT 'new') RETURNS SETOF job LANGUAGE sql AS $$ SELECT * FROM job j WHERE j.s = $1 $$;
CREATE VIEW waiting AS SELECT id FROM job WHERE s = 'new';
