CREATE TABLE n (id bigint, k int) PARTITION BY LIST (k);
CREATE INDEX ni ON n (id);
