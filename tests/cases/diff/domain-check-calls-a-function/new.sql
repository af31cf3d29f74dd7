CREATE FUNCTION looks_like_iban(value text, strict boolean) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT length($1) > 2 OR NOT strict $$;
CREATE DOMAIN iban AS text CONSTRAINT valid CHECK (looks_like_iban(VALUE, true));
CREATE TABLE account (no iban PRIMARY KEY);
CREATE FUNCTION no_of(a account) RETURNS iban LANGUAGE sql AS $$ SELECT a.no $$;
