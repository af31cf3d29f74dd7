-- Bodies with semicolons: in quotes of every kind, and without any.
CREATE TABLE log (n serial, at_step text, val int);
CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1;';
CREATE FUNCTION two() RETURNS int LANGUAGE sql AS $$ SELECT 1; SELECT 2; $$;
CREATE FUNCTION three(a int, OUT b int, INOUT c text DEFAULT 'x;') LANGUAGE sql AS $f$ SELECT a, $$;$$ || c; $f$;
CREATE OR REPLACE FUNCTION three(a int, OUT b int, INOUT c text DEFAULT 'x;') AS $f$
  -- it's; the second
  SELECT a, $$;$$ || c; /* ; */
$f$ LANGUAGE 'sql' IMMUTABLE PARALLEL SAFE COST 10;
CREATE FUNCTION direct(a int) RETURNS int RETURN a + 1;
CREATE FUNCTION direct(a int, b int) RETURNS int IMMUTABLE RETURN CASE WHEN a > b THEN a ELSE b END;
CREATE FUNCTION atomic_one() RETURNS int BEGIN ATOMIC SELECT 1; END;
CREATE OR REPLACE FUNCTION atomic_case(a int) RETURNS text LANGUAGE sql BEGIN ATOMIC
  SELECT CASE WHEN a > 0 THEN CASE a WHEN 1 THEN 'one;' WHEN 2 THEN 'two; end' ELSE 'more' END ELSE 'none' END;
END;
CREATE FUNCTION atomic_many(a int)
RETURNS SETOF log
LANGUAGE sql
BEGIN /* not yet */ ATOMIC
  INSERT INTO log (at_step, val) VALUES ('begin; end;', a);
  ;
  UPDATE log SET val = CASE WHEN val IS NULL THEN 0 ELSE val END WHERE at_step <> ';'; -- end;
  DELETE FROM log WHERE val < 0;
  SELECT * FROM log WHERE n = CASE n WHEN 1 THEN 1 ELSE n END;
END;
CREATE FUNCTION "atomic end"() RETURNS TABLE (begin_ int, "end" int) BEGIN ATOMIC SELECT 1 AS "begin", 2 AS "end"; END;
CREATE PROCEDURE keep(a int) LANGUAGE sql BEGIN ATOMIC INSERT INTO log (at_step, val) VALUES ('keep', a); INSERT INTO log (at_step, val) VALUES ('kept', a); END;
CREATE PROCEDURE nothing() BEGIN ATOMIC END;
CALL keep(1);
CALL keep(a => 2); CALL keep(a := 3); CALL nothing();
SELECT * FROM atomic_many(4);
SELECT atomic_case(1), atomic_case(a => 2), direct(1), direct(b := 1, a := 2), "begin_" FROM "atomic end"();
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v text := 'it''s; a';
  w text := E'it\'s; b';
BEGIN
  <<outer>>
  FOR i IN 1..2 LOOP
    IF TG_OP = 'INSERT' THEN v := v || i; ELSIF TG_OP = 'DELETE' THEN NULL; ELSE v := w; END IF;
    CASE i WHEN 1 THEN CONTINUE outer; ELSE EXIT outer; END CASE;
  END LOOP;
  BEGIN
    EXECUTE format($q$SELECT %L;$q$, v);
    EXECUTE 'SELECT $1; ' USING v;
  EXCEPTION WHEN others THEN
    RAISE NOTICE 'no; %', SQLERRM;
  END;
  RETURN NEW;
END;
$$;
CREATE TRIGGER noted BEFORE INSERT OR UPDATE OF at_step, val ON log FOR EACH ROW WHEN (NEW.at_step <> ';') EXECUTE FUNCTION noted();
CREATE OR REPLACE TRIGGER noted_too AFTER UPDATE ON log REFERENCING OLD TABLE AS o NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION noted();
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON log DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION noted();
INSERT INTO log (at_step) VALUES ('a;b') RETURNING n, 'x;y';
DO 'BEGIN PERFORM 1; PERFORM ''it''''s;''; END;';
DO $$ BEGIN PERFORM 1; END $$;
DO LANGUAGE plpgsql $do$
DECLARE r record;
BEGIN
  FOR r IN SELECT $$;$$ AS a LOOP
    EXECUTE $e$ DO $i$ BEGIN PERFORM 1; END; $i$; $e$;
  END LOOP;
END
$do$;
CREATE FUNCTION args(VARIADIC a int[] DEFAULT '{}'::int[]) RETURNS int LANGUAGE plpgsql STABLE STRICT AS $_$ BEGIN RETURN coalesce(array_length($1, 1), 0); END; $_$;
SELECT args(), args(1, 2), args(VARIADIC ARRAY[1,2,3]);
CREATE FUNCTION setting() RETURNS text LANGUAGE sql SET search_path = pg_catalog, pg_temp SET work_mem FROM CURRENT AS $$ SELECT 'a'::text; $$;
ALTER FUNCTION setting() RESET work_mem;
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int4, INITCOND = '0');
CREATE FUNCTION begin_atomic_in_text() RETURNS text LANGUAGE sql AS 'SELECT ''begin atomic; end''';
CREATE FUNCTION commented() /* begin atomic; */ RETURNS int -- begin atomic;
  LANGUAGE sql /* ; */ AS /* ; */ $$ SELECT 1 $$ -- ;
;
CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE DEBUG 'seen; %', tg_tag; END $$;
CREATE EVENT TRIGGER seen ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION seen();
CREATE TABLE after_event (a int DEFAULT direct(1));
DROP EVENT TRIGGER seen;
COMMENT ON FUNCTION three(int, text) IS 'BEGIN ATOMIC; END;';
DROP FUNCTION one(), two();
SET CONSTRAINTS ALL IMMEDIATE