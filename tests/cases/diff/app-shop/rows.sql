INSERT INTO customer (email) VALUES ('a@x'), ('b@x');
INSERT INTO product (sku, title, price, stock) VALUES ('S1', 'Tea', 3.50, 100);
INSERT INTO orders (customer_id, state, placed) VALUES (1, 'placed', '2024-01-01');
INSERT INTO order_line VALUES (1, 1, 4, 3.50);
