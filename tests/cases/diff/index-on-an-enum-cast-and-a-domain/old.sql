CREATE TYPE e AS ENUM ('a', 'b');
CREATE DOMAIN d AS text;
CREATE TABLE t (e e, d d);
CREATE INDEX t_d ON t (lower(d));
