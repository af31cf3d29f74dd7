CREATE TEXT SEARCH CONFIGURATION c2 (COPY = english);
CREATE TABLE doc (id int, body text, tsv tsvector GENERATED ALWAYS AS (to_tsvector('c2'::regconfig, body)) STORED);
CREATE INDEX doc_tsv ON doc USING gin (tsv);
