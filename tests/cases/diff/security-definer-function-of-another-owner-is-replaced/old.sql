CREATE TABLE secret (id int);
ALTER TABLE secret OWNER TO "App Admin";
CREATE FUNCTION peek() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$ SELECT count(*)::int FROM secret $$;
ALTER FUNCTION peek() OWNER TO "App Admin";
REVOKE ALL ON FUNCTION peek() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION peek() TO app_reader;
