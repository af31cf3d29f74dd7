CREATE TABLE address (street text, number integer);
CREATE TABLE person (id integer PRIMARY KEY, home address);
