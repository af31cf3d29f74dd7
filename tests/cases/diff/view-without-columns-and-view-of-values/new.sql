CREATE VIEW none AS SELECT 1 AS one;
CREATE VIEW vals (a, b) AS VALUES (1, 'x'::text), (2, 'y'), (3, NULL);
