INSERT INTO item VALUES ('abc');
