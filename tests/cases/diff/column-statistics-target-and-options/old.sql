CREATE TABLE t (id integer PRIMARY KEY, a text, b text, c text);
ALTER TABLE t ALTER a SET STATISTICS 500, ALTER b SET STATISTICS 0, ALTER b SET (n_distinct = -0.5), ALTER c SET (n_distinct = 10);
