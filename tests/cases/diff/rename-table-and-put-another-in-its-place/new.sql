CREATE TABLE orders_2025 (id integer CONSTRAINT orders_pkey PRIMARY KEY, total integer);
CREATE TABLE orders (id bigint CONSTRAINT orders_key PRIMARY KEY, total numeric);
CREATE VIEW totals AS SELECT sum(total) AS total FROM orders;
