INSERT INTO dog VALUES (1, 'Rex', 'pug');
