CREATE TABLE item (id int, props jsonb);
CREATE VIEW item_color AS SELECT id, props ->> 'color' AS color FROM item;
