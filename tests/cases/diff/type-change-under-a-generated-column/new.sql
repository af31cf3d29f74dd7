CREATE TABLE t (id integer PRIMARY KEY, net numeric, gross numeric GENERATED ALWAYS AS (net * 2) STORED);
CREATE INDEX t_gross ON t (gross);
