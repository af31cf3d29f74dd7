CREATE TABLE customer (id int PRIMARY KEY, name text, city text);
CREATE VIEW customer_list AS SELECT id, name, city FROM customer;
GRANT SELECT ON customer_list TO app_reader;
