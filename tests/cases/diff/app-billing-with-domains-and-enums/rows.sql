INSERT INTO plan VALUES (1, 'basic', 500, 'EUR', 'month');
INSERT INTO subscription VALUES (1, 1, 7, '[2024-01-01,2025-01-01)');
INSERT INTO invoice (id, subscription, net, due) VALUES (1, 1, 1000, '2024-02-01');
