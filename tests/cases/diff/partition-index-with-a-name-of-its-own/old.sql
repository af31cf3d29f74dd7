CREATE TABLE m (id integer NOT NULL, a integer) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
CREATE INDEX m_a ON m (a);
COMMENT ON INDEX m_1_a_idx IS 'made by itself';
