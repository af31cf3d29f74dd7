CREATE TABLE customer (id int PRIMARY KEY, name text);
CREATE VIEW customer_list AS SELECT id, name AS title FROM customer;
CREATE VIEW customer_labels AS SELECT title AS label FROM customer_list WHERE title <> '';
