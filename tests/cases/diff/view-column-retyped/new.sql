CREATE TABLE invoice (id int PRIMARY KEY, cents bigint NOT NULL);
CREATE VIEW invoice_amount AS SELECT id, cents::numeric(12,2) / 100 AS cents FROM invoice;
CREATE VIEW invoice_total AS SELECT sum(cents) AS total FROM invoice_amount;
