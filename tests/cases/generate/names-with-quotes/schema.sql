CREATE TABLE "a""b" (id integer PRIMARY KEY, "c""d" integer, "e""#f" integer, "g'h" integer);
CREATE TYPE "q""uote" AS ENUM ('a');
CREATE TABLE t (id integer PRIMARY KEY, q "q""uote");
