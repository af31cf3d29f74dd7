CREATE TABLE t (v int);
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE AGGREGATE mean(int) (SFUNC = int4_avg_accum, STYPE = bigint[], FINALFUNC = int8_avg, INITCOND = '{0,0}');
CREATE VIEW totals AS SELECT total(v) AS total, mean(v) AS mean FROM t;
COMMENT ON AGGREGATE total(int) IS 'a sum';
