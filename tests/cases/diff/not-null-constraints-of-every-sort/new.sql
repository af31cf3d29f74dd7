CREATE TABLE t (
    named integer,
    renamed integer CONSTRAINT twice NOT NULL,
    unnamed integer CONSTRAINT "has a Name" NOT NULL,
    heritable integer NOT NULL NO INHERIT,
    alone integer NOT NULL,
    unchecked integer,
    checked integer NOT NULL,
    said integer NOT NULL
);
ALTER TABLE t ADD CONSTRAINT unchecked_not_null NOT NULL unchecked NOT VALID;
COMMENT ON CONSTRAINT t_said_not_null ON t IS 'it''s after';
CREATE TABLE made (a integer CONSTRAINT made_a_must NOT NULL NO INHERIT, b integer);
ALTER TABLE made ADD CONSTRAINT made_b_must NOT NULL b NOT VALID;
COMMENT ON CONSTRAINT made_b_must ON made IS 'not yet';
