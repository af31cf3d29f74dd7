INSERT INTO usr VALUES (1, 'admin', '{admin,user}'), (2, 'user', '{}');
