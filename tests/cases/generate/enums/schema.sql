CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE "Cased Mood" AS ENUM ('a');
CREATE TABLE people (id integer PRIMARY KEY, now mood NOT NULL, later mood, all_of mood[] NOT NULL, other "Cased Mood");
CREATE TABLE pets (id integer PRIMARY KEY, now mood);
