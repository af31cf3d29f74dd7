CREATE SCHEMA a;
CREATE SCHEMA b;
CREATE TABLE a.t (id integer PRIMARY KEY, x integer);
CREATE TABLE b.t (id integer PRIMARY KEY, x text);
CREATE TYPE a.e AS ENUM ('x');
CREATE TABLE a.u (e a.e);
