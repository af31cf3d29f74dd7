-- A database whose default collation is ICU's.
-- server: 15
-- icu
-- create: LOCALE_PROVIDER icu ICU_LOCALE 'de'
--- migration
CREATE TABLE words (word text PRIMARY KEY);
INSERT INTO words VALUES ('b'), ('B'), ('ä'), ('a'), ('z'), ('ß'), ('ss');
CREATE TABLE ranged (word text) PARTITION BY RANGE (word);
CREATE TABLE ranged_low PARTITION OF ranged FOR VALUES FROM (MINVALUE) TO ('m');
CREATE TABLE ranged_high PARTITION OF ranged FOR VALUES FROM ('m') TO (MAXVALUE);
INSERT INTO ranged SELECT word FROM words;
