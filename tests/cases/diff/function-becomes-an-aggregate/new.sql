CREATE AGGREGATE top(v int) (SFUNC = int4larger, STYPE = int);
