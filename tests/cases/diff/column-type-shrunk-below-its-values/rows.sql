INSERT INTO t VALUES (1, 'longer than four');
