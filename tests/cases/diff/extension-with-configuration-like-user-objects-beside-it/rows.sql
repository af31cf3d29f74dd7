INSERT INTO doc (t) VALUES ('été');
