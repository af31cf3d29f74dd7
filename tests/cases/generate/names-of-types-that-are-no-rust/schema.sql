CREATE TYPE "9lives" AS ENUM ('a');
CREATE TYPE "Self" AS ENUM ('a');
CREATE TABLE cats (id integer PRIMARY KEY, lives "9lives", self "Self");
CREATE TABLE dogs (id integer PRIMARY KEY);
