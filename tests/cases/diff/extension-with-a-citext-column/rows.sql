INSERT INTO usr VALUES (1, 'A@x'), (2, 'b@x');
