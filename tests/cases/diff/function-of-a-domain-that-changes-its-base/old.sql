CREATE DOMAIN code AS varchar(10) CHECK (VALUE <> '');
CREATE TABLE item (c code);
CREATE FUNCTION norm(c code) RETURNS code LANGUAGE sql IMMUTABLE AS $$ SELECT upper(c)::code $$;
