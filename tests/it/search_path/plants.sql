-- Copies of what pg_catalog has, in a schema that the search_path names before pg_catalog. Each reports to the server's log
-- that it ran, and then does what the original does, so that one run finds every statement that depends on the path.
SET search_path = pg_catalog;
CREATE SCHEMA evil;

CREATE FUNCTION evil.note(what text) RETURNS bool LANGUAGE plpgsql SET search_path = pg_catalog AS
  $$BEGIN RAISE LOG 'planted % ran', what; RETURN true; END$$;
GRANT USAGE ON SCHEMA evil TO PUBLIC;

-- The types that our statements may meet.
CREATE FUNCTION evil.types() RETURNS oid[] LANGUAGE sql SET search_path = pg_catalog AS $$
  SELECT array_agg(oid) FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typname = ANY (string_to_array(
    regexp_replace('text,name,oid,int2,int4,int8,bool,char,regclass,regtype,regproc,regprocedure,regoperator,
    regrole,regnamespace,xid,xid8,timestamptz,timestamp,date,interval,numeric,float8,float4,
    jsonb,json,pg_lsn,aclitem,bpchar,varchar,uuid,bytea,oidvector,int2vector,pg_snapshot,tid,
    anyelement,anyarray,anynonarray,anycompatible,anycompatiblearray,_text,_name,_oid,_int2,
    _int4,_int8,_bool,_char,_aclitem,_regclass', '\s', '', 'g'), ','))
$$;

-- Functions.
DO $do$
DECLARE
  f record;
  call text;
BEGIN
  FOR f IN
    SELECT p.proname, p.proretset, pg_get_function_arguments(p.oid) AS arguments, pg_get_function_result(p.oid) AS result,
           p.oid::regprocedure::text AS shown, p.pronargs
    FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f'
      AND NOT p.proargtypes::oid[] && ARRAY['"any"'::regtype, 'internal'::regtype, 'cstring'::regtype, 'trigger'::regtype]::oid[]
      AND p.prorettype NOT IN ('internal'::regtype, 'cstring'::regtype, 'trigger'::regtype, 'event_trigger'::regtype)
  LOOP
    call := format('pg_catalog.%I(%s)', f.proname, (SELECT string_agg('$' || i, ', ') FROM generate_series(1, f.pronargs) i));
    IF f.proretset OR f.result LIKE '%record%' OR f.result LIKE 'TABLE%' THEN
      call := 'SELECT * FROM ' || call;
    ELSE
      call := 'SELECT ' || call;
    END IF;
    BEGIN
      EXECUTE format('CREATE FUNCTION evil.%I(%s) RETURNS %s LANGUAGE sql SET search_path = pg_catalog AS %L',
        f.proname, f.arguments, f.result, format('SELECT evil.note(%L); %s', f.shown, call));
    EXCEPTION WHEN OTHERS THEN
      RAISE WARNING '%: %', f.shown, SQLERRM;
    END;
  END LOOP;
END $do$;

-- Operators.
DO $do$
DECLARE
  o record;
  sides text;
  call text;
  name text;
BEGIN
  FOR o IN
    SELECT op.oid, op.oprname, format_type(op.oprleft, NULL) AS "left", format_type(op.oprright, NULL) AS "right",
           op.oprleft, format_type(op.oprresult, NULL) AS result, op.oid::regoperator::text AS shown
    FROM pg_operator op
    WHERE op.oprnamespace = 'pg_catalog'::regnamespace AND op.oprcode <> 0
      AND (op.oprleft = 0 OR op.oprleft = ANY (evil.types())) AND op.oprright = ANY (evil.types())
  LOOP
    name := 'op_' || o.oid;
    IF o.oprleft = 0 THEN
      sides := o."right"; call := format('OPERATOR(pg_catalog.%s) $1', o.oprname);
    ELSE
      sides := o."left" || ', ' || o."right"; call := format('$1 OPERATOR(pg_catalog.%s) $2', o.oprname);
    END IF;
    BEGIN
      EXECUTE format('CREATE FUNCTION evil.%I(%s) RETURNS %s LANGUAGE sql SET search_path = pg_catalog AS %L',
        name, sides, o.result, format('SELECT evil.note(%L); SELECT %s', o.shown, call));
      EXECUTE format('CREATE OPERATOR evil.%s (FUNCTION = evil.%I, %s RIGHTARG = %s)', o.oprname, name,
        CASE WHEN o.oprleft = 0 THEN '' ELSE 'LEFTARG = ' || o."left" || ',' END, o."right");
    EXCEPTION WHEN OTHERS THEN
      RAISE WARNING '%: %', o.shown, SQLERRM;
    END;
  END LOOP;
END $do$;

-- Aggregates, and functions of any number of arguments.
CREATE FUNCTION evil.counted(int8) RETURNS int8 LANGUAGE sql SET search_path = pg_catalog AS
  $$SELECT evil.note('count(*)'); SELECT $1 + 1$$;
CREATE FUNCTION evil.counted(int8, anyelement) RETURNS int8 LANGUAGE sql SET search_path = pg_catalog AS
  $$SELECT evil.note('count(any)'); SELECT CASE WHEN $2 IS NULL THEN $1 ELSE $1 + 1 END$$;
CREATE AGGREGATE evil.count(*) (SFUNC = evil.counted, STYPE = int8, INITCOND = '0');
CREATE AGGREGATE evil.count(anyelement) (SFUNC = evil.counted, STYPE = int8, INITCOND = '0');
CREATE FUNCTION evil.larger(anyelement, anyelement) RETURNS anyelement LANGUAGE sql SET search_path = pg_catalog AS
  $$SELECT evil.note('max(any)'); SELECT CASE WHEN $1 IS NULL THEN $2 WHEN $2 IS NULL THEN $1 WHEN $1 < $2 THEN $2 ELSE $1 END$$;
CREATE FUNCTION evil.smaller(anyelement, anyelement) RETURNS anyelement LANGUAGE sql SET search_path = pg_catalog AS
  $$SELECT evil.note('min(any)'); SELECT CASE WHEN $1 IS NULL THEN $2 WHEN $2 IS NULL THEN $1 WHEN $1 < $2 THEN $1 ELSE $2 END$$;
CREATE AGGREGATE evil.max(anyelement) (SFUNC = evil.larger, STYPE = anyelement);
CREATE AGGREGATE evil.min(anyelement) (SFUNC = evil.smaller, STYPE = anyelement);
CREATE FUNCTION evil.listed(text, text, text) RETURNS text LANGUAGE sql SET search_path = pg_catalog AS
  $$SELECT evil.note('string_agg(text, text)');
    SELECT CASE WHEN $2 IS NULL THEN $1 WHEN $1 IS NULL THEN $2 ELSE $1 || $3 || $2 END$$;
CREATE AGGREGATE evil.string_agg(text, text) (SFUNC = evil.listed, STYPE = text);
CREATE FUNCTION evil.collected(anyarray, anyelement) RETURNS anyarray LANGUAGE sql SET search_path = pg_catalog AS
  $$SELECT evil.note('array_agg(any)'); SELECT array_append($1, $2)$$;
CREATE AGGREGATE evil.array_agg(anyelement) (SFUNC = evil.collected, STYPE = anyarray);
CREATE FUNCTION evil.both(bool, bool) RETURNS bool LANGUAGE sql SET search_path = pg_catalog AS
  $$SELECT evil.note('bool_and(bool)'); SELECT coalesce($1, true) AND $2$$;
CREATE FUNCTION evil.either(bool, bool) RETURNS bool LANGUAGE sql SET search_path = pg_catalog AS
  $$SELECT evil.note('bool_or(bool)'); SELECT coalesce($1, false) OR $2$$;
CREATE AGGREGATE evil.bool_and(bool) (SFUNC = evil.both, STYPE = bool);
CREATE AGGREGATE evil.bool_or(bool) (SFUNC = evil.either, STYPE = bool);
CREATE FUNCTION evil.added(int8, int8) RETURNS int8 LANGUAGE sql SET search_path = pg_catalog AS
  $$SELECT evil.note('sum(int8)'); SELECT coalesce($1, 0) + $2$$;
CREATE AGGREGATE evil.sum(int8) (SFUNC = evil.added, STYPE = int8);
CREATE FUNCTION evil.format(text, VARIADIC text[]) RETURNS text LANGUAGE sql SET search_path = pg_catalog AS
  $$SELECT evil.note('format'); SELECT pg_catalog.format($1, VARIADIC $2)$$;
CREATE FUNCTION evil.concat_ws(text, VARIADIC text[]) RETURNS text LANGUAGE sql SET search_path = pg_catalog AS
  $$SELECT evil.note('concat_ws'); SELECT pg_catalog.concat_ws($1, VARIADIC $2)$$;
CREATE FUNCTION evil.concat(VARIADIC text[]) RETURNS text LANGUAGE sql SET search_path = pg_catalog AS
  $$SELECT evil.note('concat'); SELECT pg_catalog.concat(VARIADIC $1)$$;

-- Types and collations by their own names, and the catalogs themselves.
DO $do$
DECLARE
  t record;
BEGIN
  FOR t IN SELECT typname, oid FROM pg_type WHERE oid = ANY (evil.types()) AND typtype = 'b' AND typname !~ '^_' LOOP
    EXECUTE format('CREATE DOMAIN evil.%I AS pg_catalog.%I CHECK (evil.note(%L))', t.typname, t.typname, 'type ' || t.typname);
  END LOOP;
  FOR t IN SELECT relname FROM pg_class
           WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v') 
           AND relname !~ '^pg_(stat(s|istic)|attribute$)' LOOP
    EXECUTE format('CREATE VIEW evil.%I AS SELECT * FROM pg_catalog.%I WHERE evil.note(%L)', t.relname, t.relname, t.relname);
  END LOOP;
END $do$;
GRANT SELECT ON ALL TABLES IN SCHEMA evil TO PUBLIC;
