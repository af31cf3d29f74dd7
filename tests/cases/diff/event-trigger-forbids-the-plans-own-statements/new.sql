CREATE TABLE t (id int, added text);
CREATE VIEW v AS SELECT id FROM t;
