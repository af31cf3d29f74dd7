CREATE TABLE author (id text PRIMARY KEY);
CREATE TABLE book (id integer PRIMARY KEY, author_id text NOT NULL REFERENCES author (id) ON DELETE CASCADE);
CREATE INDEX book_author ON book (author_id);
