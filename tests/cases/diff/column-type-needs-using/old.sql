CREATE TABLE t (id integer PRIMARY KEY, n text, flag text, day text, doc text);
