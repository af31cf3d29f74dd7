CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE diary (day date, m mood DEFAULT 'happy');
CREATE FUNCTION better(m mood) RETURNS mood LANGUAGE sql IMMUTABLE AS $$ SELECT 'happy'::mood $$;
CREATE FUNCTION worst(VARIADIC m mood[]) RETURNS mood LANGUAGE sql IMMUTABLE AS $$ SELECT min(x) FROM unnest(m) x $$;
REVOKE ALL ON FUNCTION better(mood) FROM PUBLIC;
COMMENT ON FUNCTION worst(mood[]) IS 'the least';
