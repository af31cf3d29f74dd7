CREATE TABLE account (id int PRIMARY KEY, owner text, closed boolean);
CREATE VIEW open_account WITH (security_barrier) AS SELECT id, owner, closed FROM account WHERE NOT closed WITH CASCADED CHECK OPTION;
CREATE VIEW own_account AS SELECT id, closed FROM account WHERE owner = current_user;
CREATE VIEW checked_account AS SELECT id, closed FROM account WHERE NOT closed WITH CASCADED CHECK OPTION;
