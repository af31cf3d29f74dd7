CREATE TABLE t (id integer PRIMARY KEY, n text CONSTRAINT n_short CHECK (length(n) < 5));
CREATE INDEX n_lower ON t (lower(n));
