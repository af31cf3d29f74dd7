CREATE TABLE base (id int PRIMARY KEY, n int);
CREATE MATERIALIZED VIEW snap AS SELECT id, n FROM base;
CREATE VIEW snap_sum AS SELECT sum(n) AS s FROM snap;
