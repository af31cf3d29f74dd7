CREATE TABLE keyed (id integer PRIMARY KEY);
CREATE TABLE keyless (id integer UNIQUE NOT NULL, k integer REFERENCES keyed);
CREATE TABLE other (id integer PRIMARY KEY, k integer REFERENCES keyed);
