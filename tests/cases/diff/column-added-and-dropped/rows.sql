INSERT INTO book VALUES (1, 'Emma', 7), (2, 'Ulysses', NULL);
