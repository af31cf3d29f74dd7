CREATE TYPE pt AS (x int, y int);
CREATE FUNCTION pt_hash(pt) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT $1.x # $1.y $$;
CREATE FUNCTION pt_same(pt, pt) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1.x = $2.x AND $1.y = $2.y $$;
CREATE OPERATOR ==== (LEFTARG = pt, RIGHTARG = pt, FUNCTION = pt_same, COMMUTATOR = ====, HASHES);
CREATE OPERATOR CLASS pt_ops FOR TYPE pt USING hash AS OPERATOR 1 ====, FUNCTION 1 pt_hash(pt);
