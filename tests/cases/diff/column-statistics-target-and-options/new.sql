CREATE TABLE t (id integer PRIMARY KEY, a text, b text, c text);
ALTER TABLE t ALTER b SET STATISTICS 100, ALTER b SET (n_distinct = 7, n_distinct_inherited = 70), ALTER c SET STATISTICS 1;
