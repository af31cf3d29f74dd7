CREATE TYPE m AS ENUM ('a');
CREATE TYPE n AS ENUM ('a');
CREATE TABLE t ("B" m, a n, "type" m, "1" integer, _z n, "Z" integer PRIMARY KEY, "Á" integer, b2 integer, b10 integer);
