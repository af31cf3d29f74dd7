CREATE TABLE customer (id int PRIMARY KEY, name text, secret text);
CREATE VIEW customer_list AS SELECT id, name, secret FROM customer;
CREATE VIEW customer_names AS SELECT name FROM customer_list;
