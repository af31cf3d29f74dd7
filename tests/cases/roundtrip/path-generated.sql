-- A generated column calls a function that finds another by the search_path.
--- migration
CREATE FUNCTION inner_one(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN upper($1); END';
CREATE FUNCTION outer_one(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN inner_one($1); END';
CREATE TABLE words (id serial PRIMARY KEY, word text, shown text GENERATED ALWAYS AS (outer_one(word)) STORED);
INSERT INTO words (word) SELECT 'word ' || n FROM generate_series(1, 20) n;
