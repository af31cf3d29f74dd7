INSERT INTO d VALUES (1, 'a', 'b');
