CREATE TABLE a (b_c integer NOT NULL);
CREATE TABLE t (x integer NOT NULL);
