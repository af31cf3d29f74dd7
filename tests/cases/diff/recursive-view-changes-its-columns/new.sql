CREATE TABLE node (id int PRIMARY KEY, parent int REFERENCES node);
CREATE RECURSIVE VIEW tree (id, path, depth) AS
  SELECT id, ARRAY[id], 0 FROM node WHERE parent IS NULL
  UNION ALL SELECT n.id, t.path || n.id, t.depth + 1 FROM node n JOIN tree t ON n.parent = t.id;
