CREATE TABLE keyed (id integer PRIMARY KEY);
CREATE TABLE keyless (id integer);
