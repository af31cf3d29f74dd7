INSERT INTO t VALUES (1, 1, 1);
SELECT setval('s', 77);
