CREATE TABLE t (name text);
CREATE UNIQUE INDEX t_name ON t (lower(name));
