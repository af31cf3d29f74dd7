CREATE TABLE m (id integer NOT NULL, n integer, CONSTRAINT m_key PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE INDEX m_n ON m (n);
CREATE TABLE m_1 (id integer NOT NULL, n integer, CONSTRAINT own_key PRIMARY KEY (id));
CREATE INDEX own_n ON m_1 (n);
