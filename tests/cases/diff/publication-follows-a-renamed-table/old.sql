CREATE TABLE ev (id int PRIMARY KEY, day date);
CREATE PUBLICATION p FOR TABLE ev WITH (publish = 'insert');
