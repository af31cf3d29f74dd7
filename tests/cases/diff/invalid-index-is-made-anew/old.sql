CREATE TABLE t (i int); CREATE UNIQUE INDEX ti ON t (i); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ti'::regclass;
