CREATE SCHEMA a; CREATE SCHEMA b;
CREATE TYPE a.kind AS ENUM ('x'); CREATE TYPE b.kind AS ENUM ('y');
CREATE FUNCTION f(k b.kind, l a.kind[]) RETURNS a.kind LANGUAGE sql AS $$ SELECT 'x'::a.kind $$;
CREATE FUNCTION f(k b.kind) RETURNS int LANGUAGE sql AS $$ SELECT 2 $$;
COMMENT ON FUNCTION f(b.kind) IS 'for b';
