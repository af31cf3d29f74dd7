CREATE TABLE t (c uuid PRIMARY KEY, d date UNIQUE);
CREATE INDEX t_ab ON t (d, c);
