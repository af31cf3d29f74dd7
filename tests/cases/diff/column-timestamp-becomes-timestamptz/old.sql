CREATE TABLE t (id integer PRIMARY KEY, at timestamp without time zone DEFAULT now(), span interval, p time(3));
