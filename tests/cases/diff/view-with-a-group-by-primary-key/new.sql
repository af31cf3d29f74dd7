CREATE TABLE parent (id int, name text, CONSTRAINT parent_key PRIMARY KEY (id) INCLUDE (name));
CREATE TABLE child (parent_id int, n int);
CREATE VIEW sums AS SELECT p.id, p.name, sum(c.n) AS n FROM parent p JOIN child c ON c.parent_id = p.id GROUP BY p.id;
