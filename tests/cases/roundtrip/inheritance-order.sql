-- A table joined its parent later and has the parent's columns in another order, which no dump of pg_dump brings back.
-- fault: superuser,createdb verify 10 schema: too much
-- fault: superuser,createdb restore,rollback 10 schema: too much
-- fault: * in-place 0 pg_dump lacks
--- migration
CREATE TABLE base (id int, n int);
CREATE TABLE other (extra text, n int, id int);
ALTER TABLE other INHERIT base;
INSERT INTO base VALUES (1, 2); INSERT INTO other VALUES ('x', 4, 3);
