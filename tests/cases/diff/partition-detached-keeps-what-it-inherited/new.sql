CREATE TABLE kind (id integer PRIMARY KEY);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE m (id integer NOT NULL, kind_id integer, CONSTRAINT m_pk PRIMARY KEY (id), CONSTRAINT m_fk FOREIGN KEY (kind_id) REFERENCES kind, CONSTRAINT m_ck CHECK (id > 0)) PARTITION BY RANGE (id);
CREATE INDEX m_kind ON m (kind_id);
CREATE TRIGGER m_tr AFTER INSERT ON m FOR EACH ROW EXECUTE FUNCTION noted();
CREATE TABLE m_1 (id integer NOT NULL, kind_id integer, CONSTRAINT m_1_pkey PRIMARY KEY (id), CONSTRAINT m_fk FOREIGN KEY (kind_id) REFERENCES kind, CONSTRAINT m_ck CHECK (id > 0));
CREATE INDEX m_1_kind_id_idx ON m_1 (kind_id);
