CREATE TABLE codes (id integer PRIMARY KEY, code text UNIQUE);
CREATE TABLE uses (id integer PRIMARY KEY, code text REFERENCES codes (code), other integer REFERENCES codes);
CREATE TABLE by_code (id integer PRIMARY KEY, code text REFERENCES codes (code));
