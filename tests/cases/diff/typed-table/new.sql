CREATE TYPE person AS (name text, age integer);
CREATE TABLE a OF person (name WITH OPTIONS NOT NULL, age DEFAULT 18, PRIMARY KEY (name));
CREATE TABLE b OF person;
CREATE TABLE c OF person (CHECK (age > 0));
