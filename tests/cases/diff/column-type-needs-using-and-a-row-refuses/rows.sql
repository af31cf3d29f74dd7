INSERT INTO t VALUES (1, 'forty-two');
