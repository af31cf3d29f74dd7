CREATE TABLE t (
    named integer CONSTRAINT must_be NOT NULL,
    renamed integer CONSTRAINT once NOT NULL,
    unnamed integer NOT NULL,
    heritable integer NOT NULL,
    alone integer NOT NULL NO INHERIT,
    unchecked integer,
    checked integer,
    said integer NOT NULL
);
ALTER TABLE t ADD CONSTRAINT t_checked_not_null NOT NULL checked NOT VALID;
COMMENT ON CONSTRAINT t_said_not_null ON t IS 'before';
CREATE TABLE gone (a integer CONSTRAINT gone_a_must NOT NULL NO INHERIT);
