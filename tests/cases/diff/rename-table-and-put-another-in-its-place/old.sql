CREATE TABLE orders (id integer PRIMARY KEY, total integer);
CREATE VIEW totals AS SELECT sum(total) AS total FROM orders;
