CREATE TABLE t (s varchar(9), CONSTRAINT s_kind CHECK (s IN ('a', 'b')));
