CREATE TABLE book (id integer PRIMARY KEY, title text NOT NULL, shelf integer);
