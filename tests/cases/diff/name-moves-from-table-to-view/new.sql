CREATE TABLE base (id integer, n integer);
CREATE VIEW thing AS SELECT id, n FROM base;
