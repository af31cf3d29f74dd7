CREATE TYPE pair AS (a integer, b text);
CREATE TABLE pairs (id integer PRIMARY KEY, one pair, many pair[] NOT NULL);
