CREATE TABLE crate (w int, h int);
CREATE FUNCTION fits(b crate) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT (b).w * (b).h < 100 $$;
ALTER TABLE crate ADD CONSTRAINT crate_fits CHECK (fits(crate));
