INSERT INTO article VALUES (1, 'x', 2);
INSERT INTO import_run (source) VALUES ('erp');
