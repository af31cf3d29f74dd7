-- Types, casts, operators and text search templates of an extension are used by columns, domains, functions and views.
-- needs: tablefunc citext cube unaccent
--- migration
CREATE EXTENSION tablefunc; CREATE EXTENSION citext; CREATE EXTENSION cube; CREATE EXTENSION unaccent;
CREATE DOMAIN mail AS citext CHECK (VALUE ~ '@');
CREATE TYPE pair AS (mail citext, box cube);
CREATE TABLE people (id serial PRIMARY KEY, mail mail UNIQUE, pair pair, row_of tablefunc_crosstab_2);
INSERT INTO people (mail, pair, row_of) VALUES ('A@x', ROW('B@x', cube(1, 2)), ROW('a', 'b', 'c'));
CREATE FUNCTION nearest(cube) RETURNS SETOF people LANGUAGE sql STABLE
  AS 'SELECT * FROM public.people ORDER BY (pair).box OPERATOR(public.<->) $1';
CREATE VIEW mails AS SELECT mail, (pair).box FROM people WHERE mail = 'a@X';
CREATE TEXT SEARCH CONFIGURATION plain_words (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION plain_words ALTER MAPPING FOR asciiword WITH unaccent, simple;
CREATE TABLE texts (id serial PRIMARY KEY, words tsvector);
INSERT INTO texts (words) VALUES (to_tsvector('public.plain_words', 'Hello there'));
