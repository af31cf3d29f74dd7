CREATE TABLE base (id int PRIMARY KEY, n int);
CREATE TABLE snap (id int, n int);
CREATE MATERIALIZED VIEW snap_sum AS SELECT sum(n) AS s FROM snap;
