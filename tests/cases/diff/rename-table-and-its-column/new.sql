CREATE TABLE b (id integer PRIMARY KEY, y text);
