CREATE TABLE t (id integer PRIMARY KEY, a bit(4), b bit varying, c char(3), d text, e text);
