CREATE TYPE ver AS (major int, minor int);
CREATE FUNCTION ver_eq(ver, ver) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1.major = $2.major AND $1.minor = $2.minor $$;
CREATE FUNCTION ver_ne(ver, ver) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT NOT ($1.major = $2.major AND $1.minor = $2.minor) $$;
CREATE FUNCTION ver_neg(ver) RETURNS ver LANGUAGE sql IMMUTABLE AS $$ SELECT ROW(-$1.major, -$1.minor)::ver $$;
CREATE OPERATOR === (LEFTARG = ver, RIGHTARG = ver, FUNCTION = ver_eq, COMMUTATOR = ===, NEGATOR = !==, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR !== (LEFTARG = ver, RIGHTARG = ver, FUNCTION = ver_ne, COMMUTATOR = !==, NEGATOR = ===, RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR ## (RIGHTARG = ver, FUNCTION = ver_neg);
COMMENT ON OPERATOR === (ver, ver) IS 'equal versions';
