CREATE TABLE a (id integer, note text) WITH (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_enabled = false);
CREATE TABLE b (id integer, note text);
CREATE TABLE c (id integer, note text) WITH (autovacuum_vacuum_scale_factor = 0.01);
