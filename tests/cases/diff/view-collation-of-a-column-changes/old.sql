CREATE TABLE customer (id int PRIMARY KEY, name text);
CREATE VIEW sorted AS SELECT id, name COLLATE "C" AS name FROM customer;
