INSERT INTO book (title) VALUES ('Emma');
INSERT INTO page VALUES (1);
