CREATE TABLE t (a integer, b integer, CONSTRAINT rule_one CHECK (a > 0), CONSTRAINT rule_two UNIQUE (b));
