CREATE TABLE m (id integer NOT NULL, a text, b date) PARTITION BY RANGE (id);
CREATE INDEX m_b ON m (b, a);
