CREATE TABLE a (id integer PRIMARY KEY, z integer, b varchar(10));
CREATE TABLE bb (id integer PRIMARY KEY, a integer REFERENCES a);
CREATE TABLE c (id integer PRIMARY KEY);
