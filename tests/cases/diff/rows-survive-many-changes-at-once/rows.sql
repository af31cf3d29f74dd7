INSERT INTO customer (mail) VALUES ('a@b'), ('c@d');
INSERT INTO purchase (customer_id, total) VALUES (1, 10), (2, 20);
