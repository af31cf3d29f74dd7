CREATE FUNCTION lt(text, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT length($1) < $2 $$;
CREATE FUNCTION gt(int, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 > length($2) $$;
CREATE FUNCTION ge(text, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT length($1) >= $2 $$;
CREATE OPERATOR <<< (LEFTARG = text, RIGHTARG = int, FUNCTION = lt, COMMUTATOR = >>>, NEGATOR = >>=);
CREATE OPERATOR >>> (LEFTARG = int, RIGHTARG = text, FUNCTION = gt, COMMUTATOR = <<<);
CREATE OPERATOR >>= (LEFTARG = text, RIGHTARG = int, FUNCTION = ge, NEGATOR = <<<);
