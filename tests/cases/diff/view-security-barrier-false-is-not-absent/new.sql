CREATE TABLE account (id int PRIMARY KEY);
CREATE VIEW v WITH (security_barrier = false) AS SELECT id FROM account;
