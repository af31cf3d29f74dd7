CREATE TYPE pt AS (x int, y int);
CREATE FUNCTION pt_hash(pt) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT $1.x # $1.y $$;
CREATE FUNCTION pt_same(pt, pt) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1.x = $2.x AND $1.y = $2.y $$;
CREATE OPERATOR ==== (LEFTARG = pt, RIGHTARG = pt, FUNCTION = pt_same, COMMUTATOR = ====, HASHES);
CREATE OPERATOR FAMILY pt_family USING hash;
CREATE OPERATOR CLASS pt_ops DEFAULT FOR TYPE pt USING hash FAMILY pt_family AS OPERATOR 1 ====, FUNCTION 1 pt_hash(pt);
CREATE TABLE t (p pt);
CREATE INDEX t_p ON t USING hash (p);
