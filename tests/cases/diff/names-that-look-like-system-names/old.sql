CREATE TABLE pg_notes (id int);
CREATE TABLE pg_class (oid int, "CTID" int);
