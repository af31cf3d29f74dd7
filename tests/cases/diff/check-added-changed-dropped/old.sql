CREATE TABLE t (a integer CONSTRAINT a_small CHECK (a < 10), b text CONSTRAINT b_short CHECK (length(b) < 5), c integer);
