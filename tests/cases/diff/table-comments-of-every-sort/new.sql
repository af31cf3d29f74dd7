CREATE TABLE t (id integer PRIMARY KEY, n integer);
CREATE INDEX i ON t (n);
CREATE SEQUENCE s;
COMMENT ON TABLE t IS E'new words, it''s \\ 100%\n\ttwo lines; $$ and -- not the end';
COMMENT ON CONSTRAINT t_pkey ON t IS 'the key';
COMMENT ON INDEX t_pkey IS 'the index of the key';
COMMENT ON INDEX i IS 'stays';
COMMENT ON SEQUENCE s IS 'numbers';
