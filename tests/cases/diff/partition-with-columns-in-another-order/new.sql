CREATE TABLE m (id integer NOT NULL, a text, b date) PARTITION BY RANGE (id);
CREATE INDEX m_b ON m (b, a);
CREATE TABLE m_1 (b date, id integer NOT NULL, a text);
ALTER TABLE m ATTACH PARTITION m_1 FOR VALUES FROM (1) TO (10);
