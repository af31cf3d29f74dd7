INSERT INTO t (id, title) VALUES (1, 'ABC');
