CREATE TABLE t (id integer PRIMARY KEY);
CREATE TABLE u (id integer, n bigint);
CREATE FUNCTION how_many() RETURNS bigint LANGUAGE sql STABLE RETURN (SELECT count(*) FROM u);
ALTER TABLE u ALTER n SET DEFAULT how_many();
