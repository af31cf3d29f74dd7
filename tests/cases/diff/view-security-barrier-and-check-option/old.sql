CREATE TABLE account (id int PRIMARY KEY, owner text, closed boolean);
CREATE VIEW open_account AS SELECT id, owner, closed FROM account WHERE NOT closed;
CREATE VIEW own_account WITH (security_barrier = true) AS SELECT id, closed FROM account WHERE owner = current_user;
CREATE VIEW checked_account AS SELECT id, closed FROM account WHERE NOT closed WITH LOCAL CHECK OPTION;
