INSERT INTO t (id, net) VALUES (1, 21);
