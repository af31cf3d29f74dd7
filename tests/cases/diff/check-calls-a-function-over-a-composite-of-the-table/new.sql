CREATE TABLE crate (w int, h int, d int);
CREATE FUNCTION fits(b crate) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT (b).w * (b).h * (b).d < 1000 $$;
ALTER TABLE crate ADD CONSTRAINT crate_fits CHECK (fits(crate));
CREATE INDEX crate_idx ON crate (fits(crate.*));
