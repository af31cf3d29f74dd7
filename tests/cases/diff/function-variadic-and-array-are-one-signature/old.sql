CREATE FUNCTION total(v int[]) RETURNS bigint LANGUAGE sql AS $$ SELECT sum(x) FROM unnest(v) x $$;
