CREATE TABLE ev (id int, day date, PRIMARY KEY (id, day));
CREATE PUBLICATION p FOR TABLE ev WITH (publish_via_partition_root = true);
