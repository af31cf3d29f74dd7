CREATE TABLE n (id bigint, k int, up bigint, upk int, PRIMARY KEY (id, k), FOREIGN KEY (up, upk) REFERENCES n (id, k)) PARTITION BY LIST (k);
CREATE TABLE n1 PARTITION OF n FOR VALUES IN (1);
CREATE TABLE n2 (id bigint NOT NULL, k int NOT NULL, up bigint, upk int, PRIMARY KEY (id, k));
