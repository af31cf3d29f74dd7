INSERT INTO blog.author (name) VALUES ('Ann');
INSERT INTO blog.post (author, title, body, published) VALUES (1, 'Running', 'dogs run', '2024-01-01');
