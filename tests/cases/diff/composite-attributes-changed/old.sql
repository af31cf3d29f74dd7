CREATE TYPE c AS (a integer, b text, n varchar(5));
COMMENT ON COLUMN c.a IS 'first';
