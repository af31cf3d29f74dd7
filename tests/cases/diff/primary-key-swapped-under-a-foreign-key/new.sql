CREATE TABLE author (id integer NOT NULL UNIQUE, code text PRIMARY KEY);
CREATE TABLE book (id integer PRIMARY KEY, author_id integer REFERENCES author (id));
CREATE TABLE award (code text REFERENCES author (code));
