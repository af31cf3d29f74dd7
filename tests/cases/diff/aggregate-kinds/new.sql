CREATE AGGREGATE my_count(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0', MSFUNC = int8inc, MINVFUNC = int8dec, MSTYPE = bigint, MINITCOND = '0');
CREATE AGGREGATE smallest(int) (SFUNC = int4smaller, STYPE = int, SORTOP = OPERATOR(pg_catalog.<), COMBINEFUNC = int4smaller, PARALLEL = SAFE);
CREATE AGGREGATE my_percentile(double precision ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
CREATE AGGREGATE my_rank(VARIADIC "any" ORDER BY VARIADIC "any") (SFUNC = ordered_set_transition_multi, STYPE = internal, FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL);
COMMENT ON AGGREGATE my_percentile(double precision ORDER BY anyelement) IS 'a copy';
GRANT EXECUTE ON FUNCTION my_rank(VARIADIC "any") TO app_reader;
