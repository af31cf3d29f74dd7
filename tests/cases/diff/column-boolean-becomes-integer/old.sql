CREATE TABLE t (id integer PRIMARY KEY, active boolean DEFAULT true NOT NULL);
