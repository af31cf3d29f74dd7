INSERT INTO geo.place VALUES (1, '(0,0)', 'a'), (2, '(3,4)', 'b');
