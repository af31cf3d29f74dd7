CREATE TABLE t (id integer PRIMARY KEY, n integer, secret text);
CREATE PUBLICATION p FOR TABLE t (id, n) WHERE (n > 3) WITH (publish = 'insert');
