INSERT INTO outer_t VALUES (1, '(1,2)');
