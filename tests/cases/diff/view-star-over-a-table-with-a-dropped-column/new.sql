CREATE TABLE t (id int, b text, c text);
CREATE VIEW v AS SELECT * FROM t;
