CREATE TABLE room (id integer PRIMARY KEY, during int4range, place box, CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&));
