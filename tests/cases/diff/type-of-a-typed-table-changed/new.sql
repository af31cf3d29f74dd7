CREATE TYPE person AS (name text, age bigint, town text);
CREATE TABLE a OF person;
