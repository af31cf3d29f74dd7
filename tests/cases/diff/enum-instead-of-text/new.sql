CREATE TYPE state AS ENUM ('open', 'done');
CREATE TABLE t (id integer PRIMARY KEY, state state DEFAULT 'open' NOT NULL);
CREATE INDEX t_state ON t (state) WHERE state = 'open'::state;
