CREATE SCHEMA s;
CREATE TABLE n (id bigint, k int, up bigint, upk int, PRIMARY KEY (id, k), FOREIGN KEY (up, upk) REFERENCES n (id, k)) PARTITION BY LIST (k);
CREATE TABLE n3 PARTITION OF n DEFAULT;
