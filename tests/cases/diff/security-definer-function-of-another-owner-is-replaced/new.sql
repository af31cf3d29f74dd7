CREATE TABLE secret (id int);
ALTER TABLE secret OWNER TO "App Admin";
CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$ SELECT count(*) FROM secret $$;
ALTER FUNCTION peek() OWNER TO "App Admin";
REVOKE ALL ON FUNCTION peek() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION peek() TO app_reader;
