CREATE TABLE customer (id int PRIMARY KEY, name text);
CREATE VIEW customer_list AS SELECT id, name AS label FROM customer;
CREATE VIEW customer_labels AS SELECT label FROM customer_list WHERE label <> '';
