CREATE TYPE mood AS ENUM ('a');
CREATE TABLE people (id integer PRIMARY KEY, m mood);
CREATE TABLE pets (id integer PRIMARY KEY, p integer REFERENCES people);
