CREATE FUNCTION levenshtein(text, text) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 0 $$;
CREATE VIEW d AS SELECT levenshtein('a', 'b') AS n;
