INSERT INTO reading VALUES (1, 10, 'a'), (2, 30, 'a'), (3, 5, 'b');
