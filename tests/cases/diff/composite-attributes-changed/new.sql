CREATE TYPE c AS (a bigint, d date, n varchar(9) COLLATE "C");
COMMENT ON COLUMN c.a IS 'the first';
COMMENT ON COLUMN c.d IS 'day';
