INSERT INTO m VALUES (1, 10, 'b'), (2, 20, 'b');
