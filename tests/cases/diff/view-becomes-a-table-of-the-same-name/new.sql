CREATE TABLE source (id int PRIMARY KEY, label text);
CREATE TABLE item (id int, label text);
CREATE VIEW item_label AS SELECT label FROM item;
GRANT SELECT ON item TO app_reader;
