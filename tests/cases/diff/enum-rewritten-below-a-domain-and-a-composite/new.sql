CREATE TYPE e AS ENUM ('a', 'b');
CREATE DOMAIN d AS e CHECK (VALUE <> 'a'::e);
CREATE TYPE c AS (x e, y integer);
CREATE TABLE t (d d, c c, a d[]);
