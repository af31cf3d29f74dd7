CREATE TABLE l (k int, a text);
CREATE TABLE r (k int, b text);
CREATE VIEW joined AS SELECT k, a, b FROM l JOIN r USING (k);
