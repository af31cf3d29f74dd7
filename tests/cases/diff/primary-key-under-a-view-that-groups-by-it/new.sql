CREATE TABLE t (id integer CONSTRAINT t_key PRIMARY KEY, name text, n integer);
CREATE VIEW v AS SELECT t.id, t.name, count(*) AS c FROM t GROUP BY t.id;
