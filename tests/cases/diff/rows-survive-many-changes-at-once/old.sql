CREATE TYPE state AS ENUM ('new', 'done');
CREATE TABLE customer (id serial PRIMARY KEY, mail varchar(50) UNIQUE);
CREATE TABLE purchase (id serial PRIMARY KEY, customer_id integer REFERENCES customer, state state DEFAULT 'new', total integer);
CREATE VIEW open_purchases AS SELECT p.id, c.mail FROM purchase p JOIN customer c ON c.id = p.customer_id WHERE p.state = 'new';
