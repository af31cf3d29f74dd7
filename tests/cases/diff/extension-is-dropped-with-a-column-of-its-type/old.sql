CREATE EXTENSION hstore;
CREATE TABLE item (id int, props hstore DEFAULT ''::hstore, tags hstore[]);
CREATE INDEX item_props ON item USING gin (props);
CREATE VIEW item_color AS SELECT id, props -> 'color' AS color FROM item;
