CREATE TABLE t (id integer PRIMARY KEY, a text, b text, c bytea, d text);
ALTER TABLE t ALTER b SET STORAGE EXTERNAL, ALTER d SET COMPRESSION pglz;
