CREATE TABLE volume (id serial PRIMARY KEY, title text CONSTRAINT volume_title_key UNIQUE, CONSTRAINT volume_check CHECK (id > 0));
CREATE INDEX volume_lower ON volume (lower(title));
CREATE TABLE page (book_id integer REFERENCES volume);
CREATE VIEW titles AS SELECT title FROM volume;
CREATE POLICY p ON volume USING (id < 1000);
COMMENT ON TABLE volume IS 'to read';
