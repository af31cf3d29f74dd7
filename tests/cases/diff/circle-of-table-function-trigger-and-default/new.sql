CREATE TABLE keep (id integer);
CREATE TABLE item (id integer PRIMARY KEY, total bigint);
CREATE FUNCTION items() RETURNS SETOF item LANGUAGE sql STABLE AS 'SELECT * FROM item';
CREATE FUNCTION total() RETURNS bigint LANGUAGE sql STABLE RETURN (SELECT count(*) FROM items());
ALTER TABLE item ALTER total SET DEFAULT total();
CREATE VIEW all_items AS SELECT i.id, total() AS t FROM items() i;
CREATE FUNCTION checked() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM FROM all_items; RETURN NEW; END';
CREATE TRIGGER checks BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION checked();
ALTER TABLE keep ADD COLUMN n bigint DEFAULT total();
