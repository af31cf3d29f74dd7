CREATE FUNCTION first_of(a anyarray) RETURNS anyelement LANGUAGE sql IMMUTABLE AS $$ SELECT a[1] $$;
CREATE FUNCTION bounds(r anyrange, OUT low anyelement, OUT high anyelement) LANGUAGE sql AS $$ SELECT lower(r), upper(r) $$;
