CREATE TABLE book (id serial PRIMARY KEY, title text CONSTRAINT book_title_key UNIQUE, CONSTRAINT book_check CHECK (id > 0));
CREATE INDEX book_lower ON book (lower(title));
CREATE TABLE page (book_id integer REFERENCES book);
CREATE VIEW titles AS SELECT title FROM book;
CREATE POLICY p ON book USING (id < 1000);
COMMENT ON TABLE book IS 'to read';
