CREATE TABLE t (a integer CONSTRAINT a_small CHECK (a < 10));
