CREATE SCHEMA tools;
CREATE EXTENSION citext;
CREATE EXTENSION hstore SCHEMA tools;
CREATE EXTENSION ltree;
CREATE EXTENSION lo;
CREATE TABLE shelves (id integer PRIMARY KEY, label citext NOT NULL, tags citext[], more tools.hstore, place ltree NOT NULL, blob lo);
