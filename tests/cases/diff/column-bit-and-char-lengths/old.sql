CREATE TABLE t (id integer PRIMARY KEY, a bit(3), b bit varying(5), c char(2), d "char", e name);
