CREATE TABLE book (id integer PRIMARY KEY, title text DEFAULT 'untitled' NOT NULL);
