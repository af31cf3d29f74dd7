-- A CHECK, a generated column and an index call functions of a role with less rights than the one that restores.
-- refused: superuser in-place 3 would run code of lesser roles
--- superuser
GRANT CREATE, USAGE ON SCHEMA public TO {reader};
GRANT {reader} TO {owner};
--- migration
CREATE FUNCTION doubled(int) RETURNS int LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog AS 'BEGIN RETURN $1 * 2; END';
CREATE FUNCTION is_good(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
ALTER FUNCTION doubled(int) OWNER TO {reader}; ALTER FUNCTION is_good(int) OWNER TO {reader};
CREATE TABLE counted (id serial PRIMARY KEY, n int CHECK (is_good(n)), twice int GENERATED ALWAYS AS (doubled(n)) STORED);
ALTER TABLE counted OWNER TO {reader};
INSERT INTO counted (n) SELECT n FROM generate_series(1, 20) n;
CREATE INDEX ON counted (doubled(n));
