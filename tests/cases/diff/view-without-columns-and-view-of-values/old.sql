CREATE VIEW none AS SELECT;
CREATE VIEW vals (a, b) AS VALUES (1, 'x'), (2, 'y');
