CREATE TABLE m (id integer) PARTITION BY RANGE (id);
CREATE TABLE m_1 (id integer);
