CREATE TABLE t (id integer PRIMARY KEY, n integer CONSTRAINT n_short CHECK (n < 10000));
CREATE INDEX n_lower ON t (abs(n));
