CREATE TEXT SEARCH CONFIGURATION shop (COPY = pg_catalog.english);
CREATE TEXT SEARCH DICTIONARY syn (TEMPLATE = simple, STOPWORDS = english);
ALTER TEXT SEARCH CONFIGURATION shop ALTER MAPPING FOR asciiword WITH syn, english_stem;
CREATE TABLE product (id int, title text);
CREATE INDEX product_fts ON product USING gin (to_tsvector('shop', title));
COMMENT ON TEXT SEARCH CONFIGURATION shop IS 'for products';
