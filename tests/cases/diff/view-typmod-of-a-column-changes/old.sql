CREATE TABLE customer (id int PRIMARY KEY, name text);
CREATE VIEW short_name AS SELECT id, name::varchar(20) AS name FROM customer;
