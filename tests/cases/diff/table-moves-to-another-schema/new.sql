CREATE SCHEMA app;
CREATE TABLE app.t (id serial PRIMARY KEY, note text);
CREATE INDEX t_note ON app.t (note);
