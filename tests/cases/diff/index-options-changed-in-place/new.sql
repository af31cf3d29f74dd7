CREATE TABLE t (a integer, b integer, c integer);
CREATE INDEX i1 ON t (a);
CREATE INDEX i2 ON t (b) WITH (fillfactor = 50);
CREATE INDEX i3 ON t (c) WITH (fillfactor = 70);
