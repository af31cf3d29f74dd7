CREATE TABLE stays (id integer PRIMARY KEY);
CREATE TABLE goes (id integer PRIMARY KEY);
