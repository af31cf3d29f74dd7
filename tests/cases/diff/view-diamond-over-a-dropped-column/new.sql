CREATE TABLE base (id int PRIMARY KEY, x int);
CREATE VIEW left_side AS SELECT id, x FROM base;
CREATE VIEW right_side AS SELECT id, x * 2 AS x2 FROM base WHERE x IS NULL;
CREATE VIEW top AS SELECT l.id, l.x, r.x2 FROM left_side l JOIN right_side r ON r.id = l.id;
