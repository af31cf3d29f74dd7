INSERT INTO auth.tenant VALUES (1, 'one');
INSERT INTO auth.member VALUES (1, 'me', 'admin');
INSERT INTO project VALUES (1, 1, 'p');
INSERT INTO task VALUES (1, 1, 1);
