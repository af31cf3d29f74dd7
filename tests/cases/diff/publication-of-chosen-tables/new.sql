CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY);
CREATE PUBLICATION p FOR TABLE ONLY b, c WITH (publish = 'insert, delete', publish_via_partition_root = true);
CREATE PUBLICATION q FOR TABLE c WITH (publish = '');
CREATE PUBLICATION none FOR TABLE a;
COMMENT ON PUBLICATION p IS 'outwards, less';
