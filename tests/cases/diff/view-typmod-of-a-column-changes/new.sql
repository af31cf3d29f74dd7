CREATE TABLE customer (id int PRIMARY KEY, name text);
CREATE VIEW short_name AS SELECT id, name::varchar(40) AS name FROM customer;
