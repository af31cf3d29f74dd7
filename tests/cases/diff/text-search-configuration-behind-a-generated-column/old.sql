CREATE TEXT SEARCH CONFIGURATION c1 (COPY = simple);
CREATE TABLE doc (id int, body text, tsv tsvector GENERATED ALWAYS AS (to_tsvector('c1'::regconfig, body)) STORED);
CREATE INDEX doc_tsv ON doc USING gin (tsv);
