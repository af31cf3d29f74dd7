CREATE EXTENSION fuzzystrmatch;
CREATE VIEW d AS SELECT levenshtein('a', 'b') AS n;
