CREATE TABLE t (a integer, b text, c text);
CREATE INDEX i1 ON t (a DESC NULLS LAST);
CREATE INDEX i2 ON t (b, a);
CREATE INDEX i3 ON t (b text_pattern_ops);
CREATE INDEX i4 ON t (b COLLATE "C");
CREATE INDEX i5 ON t (a) INCLUDE (b, c);
CREATE INDEX i6 ON t (a) WHERE a > 1 AND b IS NOT NULL;
CREATE INDEX i7 ON t (upper(b), (a + 1), (c || b) NULLS FIRST);
CREATE INDEX i8 ON t (a);
