CREATE TABLE t (id integer PRIMARY KEY, a text, b text, full_name text GENERATED ALWAYS AS (a || b) STORED UNIQUE);
CREATE VIEW v AS SELECT full_name FROM t;
