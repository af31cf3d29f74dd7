CREATE TABLE a (id integer, note text) WITH (fillfactor = 80, parallel_workers = 2);
CREATE TABLE b (id integer, note text) WITH (toast.autovacuum_vacuum_threshold = 99, toast_tuple_target = 1000, user_catalog_table = true);
CREATE TABLE c (id integer, note text);
