CREATE COLLATION new_one (provider = icu, locale = 'fr');
CREATE TABLE t (a text COLLATE new_one);
CREATE DOMAIN d AS text COLLATE new_one;
CREATE INDEX t_a ON t (a COLLATE "C", a);
