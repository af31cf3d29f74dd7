INSERT INTO dog VALUES (2, 'Rex', 'pug');
