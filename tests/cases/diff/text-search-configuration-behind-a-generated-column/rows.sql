INSERT INTO doc (id, body) VALUES (1, 'running dogs');
