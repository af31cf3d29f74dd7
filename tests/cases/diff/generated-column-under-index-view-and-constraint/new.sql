CREATE TABLE t (id integer PRIMARY KEY, a text, b text, full_name text GENERATED ALWAYS AS (b || a) STORED UNIQUE);
CREATE VIEW v AS SELECT full_name FROM t;
