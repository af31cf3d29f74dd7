CREATE TYPE e AS ENUM ('a', 'b', 'c');
CREATE DOMAIN d AS text CHECK (VALUE <> '');
CREATE TABLE t (e e, d d, UNIQUE (e, d));
CREATE INDEX t_d ON t (upper(d)) WHERE e IN ('a', 'c');
