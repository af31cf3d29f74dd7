CREATE SCHEMA s;
CREATE TYPE s.kind AS ENUM ('a');
CREATE TYPE kind AS ENUM ('b');
CREATE TYPE "KIND" AS ENUM ('c');
CREATE TYPE s.zz AS ENUM ('a');
CREATE TYPE "Zz" AS ENUM ('a');
CREATE TYPE zz AS ENUM ('a');
CREATE TABLE t (id integer PRIMARY KEY, b s.kind, a kind, z zz, z2 "Zz", z3 s.zz);
CREATE TABLE a (id integer PRIMARY KEY, b "KIND");
