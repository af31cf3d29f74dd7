CREATE SCHEMA app;
CREATE TABLE t (id serial PRIMARY KEY, note text);
CREATE INDEX t_note ON t (note);
