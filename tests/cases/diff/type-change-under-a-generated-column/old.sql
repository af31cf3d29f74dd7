CREATE TABLE t (id integer PRIMARY KEY, net integer, gross integer GENERATED ALWAYS AS (net * 2) STORED);
CREATE INDEX t_gross ON t (gross);
