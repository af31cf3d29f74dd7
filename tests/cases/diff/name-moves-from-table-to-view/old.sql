CREATE TABLE thing (id integer, n integer);
CREATE VIEW base AS SELECT id, n FROM thing;
