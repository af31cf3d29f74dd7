CREATE TABLE m (id integer, a integer, b integer, CONSTRAINT u UNIQUE (id, a)) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
CREATE TABLE r (id integer, a integer, CONSTRAINT r_m FOREIGN KEY (id, a) REFERENCES m (id, a));
