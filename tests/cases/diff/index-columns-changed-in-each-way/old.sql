CREATE TABLE t (a integer, b text, c text);
CREATE INDEX i1 ON t (a);
CREATE INDEX i2 ON t (a, b);
CREATE INDEX i3 ON t (b);
CREATE INDEX i4 ON t (b);
CREATE INDEX i5 ON t (a);
CREATE INDEX i6 ON t (a) WHERE a > 0;
CREATE INDEX i7 ON t (lower(b));
CREATE UNIQUE INDEX i8 ON t (a);
