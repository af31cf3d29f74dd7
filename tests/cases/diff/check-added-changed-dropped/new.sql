CREATE TABLE t (a integer CONSTRAINT a_small CHECK (a < 100), b text, c integer CONSTRAINT c_kind CHECK (c = ANY (ARRAY[1, 2, 3])));
