-- A table joined its parent later and has the parent's columns in another order, which no dump of pg_dump brings back.
-- changes: superuser,createdb restore,rollback 0 pg_dump lacks || pg_dump has || rows of public.other
-- changes: * in-place 0 pg_dump lacks || pg_dump has || rows of public.other
--- migration
CREATE TABLE base (id int, n int);
CREATE TABLE other (extra text, n int, id int);
ALTER TABLE other INHERIT base;
INSERT INTO base VALUES (1, 2); INSERT INTO other VALUES ('x', 4, 3);
