CREATE COLLATION old_one (provider = icu, locale = 'en');
CREATE TABLE t (a text COLLATE old_one);
CREATE DOMAIN d AS text COLLATE old_one;
CREATE INDEX t_a ON t (a COLLATE "C", a);
