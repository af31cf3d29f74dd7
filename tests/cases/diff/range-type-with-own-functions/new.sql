CREATE TABLE t (id int);
CREATE FUNCTION time_diff(a time, b time) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT extract(epoch FROM a - b)::float8 $$;
CREATE TYPE timerange AS RANGE (subtype = time, subtype_diff = time_diff, multirange_type_name = timerange_many);
CREATE TABLE shift (during timerange, breaks timerange_many DEFAULT '{}', EXCLUDE USING gist (during WITH &&));
CREATE FUNCTION total(r timerange_many) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 1 $$;
CREATE VIEW free AS SELECT total(breaks) AS n FROM shift;
