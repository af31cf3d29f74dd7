CREATE TABLE n (id bigint, k int) PARTITION BY LIST (k);
CREATE INDEX ni ON n (id); CREATE INDEX nj ON n (id DESC);
CREATE TABLE n1 (id bigint, k int);
CREATE INDEX a ON n1 (id DESC); CREATE INDEX b ON n1 (id);
