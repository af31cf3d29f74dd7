CREATE SCHEMA app;
CREATE TYPE app.e AS ENUM ('a', 'b');
CREATE TABLE t (e app.e DEFAULT 'a');
