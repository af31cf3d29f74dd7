INSERT INTO pug VALUES (1, 3, 'pug');
