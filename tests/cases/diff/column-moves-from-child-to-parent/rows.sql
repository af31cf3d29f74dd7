INSERT INTO animal VALUES (1);
INSERT INTO dog VALUES (2, 'Rex', 'pug');
