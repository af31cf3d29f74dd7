CREATE TABLE doc (t text, tsv tsvector GENERATED ALWAYS AS (to_tsvector('french', t)) STORED);
