-- Contrib extensions that only a superuser may create, with an access method, dictionaries and a foreign-data wrapper.
-- refused: createdb verify,restore,rollback 3 only a superuser may create the extension
-- refused: createdb,owner in-place 3 to whom it would have to give what it restores
-- needs: bloom earthdistance cube file_fdw dict_xsyn autoinc insert_username moddatetime refint pageinspect pgstattuple xml2
--- superuser
CREATE EXTENSION cube; CREATE EXTENSION earthdistance; CREATE EXTENSION bloom; CREATE EXTENSION file_fdw;
CREATE EXTENSION dict_xsyn; CREATE EXTENSION autoinc; CREATE EXTENSION insert_username; CREATE EXTENSION moddatetime;
CREATE EXTENSION refint; CREATE EXTENSION pageinspect; CREATE EXTENSION pgstattuple; CREATE EXTENSION xml2;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
--- migration
CREATE TABLE places (id serial PRIMARY KEY, lat float8, long float8, tag int, changed timestamptz);
INSERT INTO places (lat, long, tag) SELECT n, n, n FROM generate_series(1, 20) n;
CREATE INDEX ON places USING bloom (tag);
CREATE TRIGGER moved BEFORE UPDATE ON places FOR EACH ROW EXECUTE FUNCTION moddatetime(changed);
CREATE TEXT SEARCH DICTIONARY own_synonyms (TEMPLATE = xsyn_template, RULES = 'xsyn_sample', MATCHORIG = true);
--- superuser
CREATE FOREIGN TABLE hostname (line text) SERVER files OPTIONS (filename '/etc/hostname');
