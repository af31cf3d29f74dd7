CREATE TABLE l (k int, a text);
CREATE TABLE r (k int, b text);
CREATE VIEW joined AS SELECT * FROM l JOIN r USING (k);
CREATE VIEW full_joined AS SELECT * FROM l FULL JOIN r USING (k);
