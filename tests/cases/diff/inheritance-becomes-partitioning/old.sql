CREATE TABLE m (id integer);
CREATE TABLE m_1 (CONSTRAINT m_1_bounds CHECK (id >= 1 AND id < 10)) INHERITS (m);
