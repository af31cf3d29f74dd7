CREATE TABLE source (id int PRIMARY KEY, label text);
CREATE VIEW item AS SELECT id, label FROM source;
CREATE VIEW item_label AS SELECT label FROM item;
GRANT SELECT ON item TO app_reader;
