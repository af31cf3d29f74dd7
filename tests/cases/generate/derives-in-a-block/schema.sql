CREATE TYPE mood AS ENUM ('a');
CREATE TABLE t (id integer PRIMARY KEY, m mood);
CREATE TABLE u (id integer PRIMARY KEY);
