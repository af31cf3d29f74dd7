CREATE TABLE t (id integer PRIMARY KEY, state text DEFAULT 'open' NOT NULL, CONSTRAINT state_known CHECK (state IN ('open', 'done')));
CREATE INDEX t_state ON t (state) WHERE state = 'open';
