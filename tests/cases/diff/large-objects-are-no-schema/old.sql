CREATE TABLE t (id int, o oid);
SELECT lo_create(4711);
