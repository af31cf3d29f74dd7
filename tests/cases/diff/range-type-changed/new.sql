CREATE TYPE r AS RANGE (subtype = bigint);
CREATE TABLE t (id integer PRIMARY KEY, r r);
