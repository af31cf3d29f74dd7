CREATE FUNCTION is_iban(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT length($1) > 2 $$;
CREATE DOMAIN iban AS text CONSTRAINT valid CHECK (is_iban(VALUE));
CREATE TABLE account (no iban PRIMARY KEY);
CREATE FUNCTION no_of(a account) RETURNS iban LANGUAGE sql AS $$ SELECT a.no $$;
