CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = 0, SUPPORT = generate_series_int4_support);
CREATE AGGREGATE other(integer) (SFUNC = int4pl, STYPE = integer);
