CREATE TABLE t (id integer PRIMARY KEY, n integer CONSTRAINT n_positive CHECK (n > 0), CONSTRAINT n_once UNIQUE (n));
CREATE INDEX n_even ON t (n) WHERE n % 2 = 0;
CREATE INDEX n_double ON t ((n * 2), id);
