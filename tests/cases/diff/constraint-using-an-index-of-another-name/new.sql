CREATE TABLE t (a integer NOT NULL, b integer);
CREATE UNIQUE INDEX t_a_quick ON t (a);
ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_a_quick;
CREATE UNIQUE INDEX t_b_quick ON t (b) WITH (fillfactor = 60);
ALTER TABLE t ADD CONSTRAINT t_b_once UNIQUE USING INDEX t_b_quick;
