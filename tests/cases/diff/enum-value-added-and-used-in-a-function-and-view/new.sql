CREATE TYPE mood AS ENUM ('sad', 'happy', 'fine');
CREATE TABLE t (m mood);
CREATE VIEW fine_ones AS SELECT m FROM t WHERE m = 'fine'::mood;
CREATE FUNCTION usual(m mood DEFAULT 'fine') RETURNS mood LANGUAGE sql RETURN m;
CREATE POLICY fine_only ON t USING (m = 'fine'::mood);
CREATE TABLE parted (m mood) PARTITION BY LIST (m);
CREATE TABLE parted_fine PARTITION OF parted FOR VALUES IN ('fine');
