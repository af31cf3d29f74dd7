CREATE TYPE _t AS ENUM ('x');
CREATE TABLE t (a _t);
CREATE TYPE __t AS (b t[]);
