CREATE TABLE t (id integer PRIMARY KEY, ns bigint[] DEFAULT '{}'::bigint[] NOT NULL);
