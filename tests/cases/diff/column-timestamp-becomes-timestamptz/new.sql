CREATE TABLE t (id integer PRIMARY KEY, at timestamp(3) with time zone DEFAULT now(), span interval day to second(3), p time);
