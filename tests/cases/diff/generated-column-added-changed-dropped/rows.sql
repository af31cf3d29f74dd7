INSERT INTO t (id, n, c) VALUES (1, 4, 0);
