CREATE TABLE t (a integer, b integer, CONSTRAINT rule_one UNIQUE (a), CONSTRAINT rule_two CHECK (b > 0));
