CREATE TEXT SEARCH CONFIGURATION shop (COPY = pg_catalog.english);
CREATE TEXT SEARCH DICTIONARY syn (TEMPLATE = simple, STOPWORDS = english, ACCEPT = false);
ALTER TEXT SEARCH CONFIGURATION shop ALTER MAPPING FOR asciiword WITH english_stem, syn;
ALTER TEXT SEARCH CONFIGURATION shop DROP MAPPING FOR url, file;
ALTER TEXT SEARCH CONFIGURATION shop ALTER MAPPING FOR word, hword WITH simple;
CREATE TABLE product (id int, title text);
CREATE INDEX product_fts ON product USING gin (to_tsvector('shop', title));
COMMENT ON TEXT SEARCH CONFIGURATION shop IS 'for products';
