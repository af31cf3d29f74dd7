CREATE TABLE customer (id int PRIMARY KEY, name text);
CREATE VIEW sorted AS SELECT id, name COLLATE "POSIX" AS name FROM customer;
