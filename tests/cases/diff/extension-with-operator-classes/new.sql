CREATE EXTENSION pg_trgm;
CREATE SCHEMA ext;
CREATE EXTENSION btree_gist SCHEMA ext;
CREATE TABLE room (id int, name text, during tsrange, CONSTRAINT no_overlap EXCLUDE USING gist (id WITH =, during WITH &&));
CREATE INDEX room_name ON room USING gin (name gin_trgm_ops);
CREATE INDEX room_name_gist ON room USING gist (name gist_trgm_ops (siglen = 32));
