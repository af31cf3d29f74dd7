INSERT INTO dog VALUES (1, 'Rex', 'pug');
INSERT INTO cat VALUES (2, 'Tom');
