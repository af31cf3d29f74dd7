CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = 0);
CREATE AGGREGATE other(integer) (SFUNC = int4pl, STYPE = integer, SUPPORT = generate_series_int4_support);
