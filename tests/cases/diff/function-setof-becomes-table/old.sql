CREATE TYPE pair AS (a int, b text);
CREATE FUNCTION pairs() RETURNS SETOF pair LANGUAGE sql AS $$ SELECT 1, 'x' $$;
