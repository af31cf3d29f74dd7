CREATE TABLE author (id integer PRIMARY KEY, code text NOT NULL UNIQUE);
CREATE TABLE book (id integer PRIMARY KEY, author_id integer REFERENCES author (id));
CREATE TABLE award (code text REFERENCES author (code));
