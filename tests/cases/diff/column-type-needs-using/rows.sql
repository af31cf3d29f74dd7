INSERT INTO t VALUES (1, '42', 'yes', '2026-02-28', '{"a": 1}'), (2, NULL, 'off', NULL, 'null');
