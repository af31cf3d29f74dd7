CREATE TABLE address (street text, number bigint, town text);
CREATE TABLE person (id integer PRIMARY KEY, home address);
