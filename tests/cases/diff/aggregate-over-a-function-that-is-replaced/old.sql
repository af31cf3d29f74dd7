CREATE FUNCTION step(s int, v int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT s + v $$;
CREATE FUNCTION finish(s int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT s $$;
CREATE AGGREGATE agg(int) (SFUNC = step, STYPE = int, FINALFUNC = finish, INITCOND = '0');
CREATE MATERIALIZED VIEW m AS SELECT agg(x) FROM generate_series(1, 3) x;
