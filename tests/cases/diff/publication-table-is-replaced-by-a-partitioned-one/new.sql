CREATE TABLE ev (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE ev_all PARTITION OF ev DEFAULT;
CREATE PUBLICATION p FOR TABLE ev WITH (publish_via_partition_root = true);
