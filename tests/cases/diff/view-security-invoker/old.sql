CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE VIEW a AS SELECT id FROM account;
CREATE VIEW b WITH (security_invoker = true) AS SELECT id FROM account;
