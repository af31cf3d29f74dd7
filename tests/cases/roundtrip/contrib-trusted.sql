-- Contrib extensions that the owner of a database may create, with columns and indexes of their types.
-- needs: hstore citext ltree pg_trgm btree_gist btree_gin cube tablefunc pgcrypto intarray isn lo seg fuzzystrmatch unaccent uuid-ossp dict_int tcn tsm_system_rows tsm_system_time
--- migration
CREATE SCHEMA "Ext";
CREATE EXTENSION hstore SCHEMA "Ext";
CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gist;
CREATE EXTENSION btree_gin; CREATE EXTENSION cube; CREATE EXTENSION tablefunc; CREATE EXTENSION pgcrypto;
CREATE EXTENSION intarray; CREATE EXTENSION isn; CREATE EXTENSION lo; CREATE EXTENSION seg;
CREATE EXTENSION fuzzystrmatch; CREATE EXTENSION unaccent; CREATE EXTENSION "uuid-ossp"; CREATE EXTENSION dict_int;
CREATE EXTENSION tcn; CREATE EXTENSION tsm_system_rows; CREATE EXTENSION tsm_system_time;
CREATE TABLE things (
  id serial PRIMARY KEY, pairs "Ext".hstore, mail citext UNIQUE, path ltree, point cube, span seg, book isbn13, numbers int[],
  word text, token uuid DEFAULT uuid_generate_v4(), picture lo, during tstzrange,
  EXCLUDE USING gist (id WITH =, during WITH &&)
);
INSERT INTO things (pairs, mail, path, point, span, book, numbers, word, during)
  SELECT "Ext".hstore('n', n::text), 'A' || n || '@Example.org', text2ltree('top.l' || n), cube(n, n + 1), (n || ' .. ' || n + 1)::seg,
    '978-0-393-04002-9', ARRAY[n, n + 1], 'wörd ' || n, tstzrange('2026-01-01', '2026-01-02')
  FROM generate_series(1, 20) n;
CREATE INDEX ON things USING gist (path);
CREATE INDEX ON things USING gin (word gin_trgm_ops);
CREATE INDEX ON things USING gin (numbers gin__int_ops);
CREATE INDEX ON things USING gist (point);
CREATE INDEX ON things (soundex(word));
CREATE TRIGGER lo_gone BEFORE UPDATE OR DELETE ON things FOR EACH ROW EXECUTE FUNCTION lo_manage(picture);
CREATE TABLE crossed (row_of tablefunc_crosstab_3);
INSERT INTO crossed VALUES (ROW('a', 'b', 'c', 'd'));
