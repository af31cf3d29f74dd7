CREATE TABLE t (a integer, b text, c timestamptz, d text[], e numeric(8,2));
