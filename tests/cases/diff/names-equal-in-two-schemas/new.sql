CREATE SCHEMA a;
CREATE SCHEMA b;
CREATE TABLE b.t (id integer PRIMARY KEY, x integer);
CREATE TABLE a.t (id integer PRIMARY KEY, x text, t_id integer REFERENCES b.t);
CREATE TYPE a.e AS ENUM ('x');
CREATE TYPE b.e AS ENUM ('x', 'y');
CREATE TABLE a.u (e b.e);
CREATE VIEW a.v AS SELECT t.x, u.x AS y FROM a.t, b.t u;
CREATE VIEW b.v AS SELECT x FROM a.v;
