CREATE TABLE a (key integer PRIMARY KEY);
CREATE TABLE m (number integer, a_key integer CONSTRAINT m_a_k_fkey REFERENCES a (key), PRIMARY KEY (number)) PARTITION BY RANGE (number);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (1) TO (10);
