CREATE TABLE a (id int); CREATE TABLE b (id int);
GRANT SELECT ON a TO app_reader; REVOKE SELECT ON a FROM app_reader;
GRANT SELECT ON b TO app_reader; GRANT SELECT ON b TO app_writer;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
