CREATE FUNCTION first_of(a anycompatiblearray, b anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(a[1], b) $$;
CREATE FUNCTION bounds(r anyrange, OUT low anyelement) LANGUAGE sql AS $$ SELECT lower(r) $$;
