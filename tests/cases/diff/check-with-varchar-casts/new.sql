CREATE TABLE t (s varchar(9), CONSTRAINT s_kind CHECK (s IN ('a', 'b', 'c')), CONSTRAINT s_like CHECK (s LIKE '%\_%' AND s <> '' AND s !~ '^\d+$'));
