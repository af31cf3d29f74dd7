-- A database in SQL_ASCII with bytes that are no text in any one encoding.
-- create: ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'
--- migration
CREATE TABLE words (id serial PRIMARY KEY, word text UNIQUE);
INSERT INTO words (word) VALUES ('naïve'), ('plain'), (chr(255) || chr(128)), (chr(233));
