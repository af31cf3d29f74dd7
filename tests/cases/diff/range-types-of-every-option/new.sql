CREATE FUNCTION text_distance(text, text) RETURNS double precision LANGUAGE sql IMMUTABLE AS 'SELECT length($1)::float8 - length($2)';
CREATE TYPE textrange AS RANGE (subtype = text, subtype_opclass = text_pattern_ops, collation = "C", subtype_diff = text_distance, multirange_type_name = "Many texts");
CREATE TABLE t (id integer, r textrange, m "Many texts", EXCLUDE USING gist (r WITH &&));
COMMENT ON TYPE textrange IS 'from a to z';
