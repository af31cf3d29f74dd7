CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE VIEW a WITH (security_invoker = true, security_barrier = true) AS SELECT id FROM account;
CREATE VIEW b AS SELECT id FROM account;
