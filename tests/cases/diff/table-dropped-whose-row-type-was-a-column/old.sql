CREATE TABLE address (street text, number integer);
CREATE TABLE person (id integer PRIMARY KEY, home address, homes address[]);
CREATE FUNCTION lives(p person) RETURNS text LANGUAGE sql AS 'SELECT (($1).home).street';
