CREATE TABLE m (id integer NOT NULL, note text NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE m_1 (id integer NOT NULL, note text NOT NULL);
CREATE TABLE m_2 PARTITION OF m FOR VALUES FROM (10) TO (20);
CREATE TABLE base (k integer NOT NULL);
CREATE TABLE leaf (k integer NOT NULL, v integer NOT NULL);
