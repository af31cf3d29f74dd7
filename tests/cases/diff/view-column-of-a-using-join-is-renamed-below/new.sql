CREATE TABLE l (key int, a text);
CREATE TABLE r (k int, b text);
CREATE VIEW joined AS SELECT l.key AS k, a, b FROM l JOIN r ON l.key = r.k;
