CREATE TYPE mood AS ENUM ('a');
CREATE TABLE t (id integer PRIMARY KEY, m mood, p point);
CREATE TABLE u (id integer PRIMARY KEY);
