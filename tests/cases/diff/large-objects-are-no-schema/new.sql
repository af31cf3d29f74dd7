CREATE TABLE t (id int, o oid, n text);
SELECT lo_create(4712);
GRANT SELECT ON LARGE OBJECT 4712 TO app_reader;
