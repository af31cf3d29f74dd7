-- What a round trip must bring back.
CREATE TYPE mood AS ENUM ('sad', 'fine', 'it''s');
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE TYPE pair AS (a int, b text);
CREATE SCHEMA "Größe 1";
CREATE SCHEMA sales;

CREATE TABLE customers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  mail email NOT NULL UNIQUE,
  mood mood DEFAULT 'fine',
  upper_mail text GENERATED ALWAYS AS (upper(mail::text)) STORED,
  extra jsonb, bits bytea, points pair[], seen timestamptz, share double precision, span interval
);
INSERT INTO customers (mail, mood, extra, bits, points, seen, share, span)
  SELECT 'c' || n || '@example.org', (ARRAY['sad', 'fine', 'it''s']::mood[])[1 + n % 3],
    jsonb_build_object('n', n, 'text', E'a\tb\nc\\d'), decode(lpad(to_hex(n), 6, '0'), 'hex'),
    ARRAY[ROW(n, E'x\\.y')::pair], timestamptz '2026-01-01 00:00:00Z' + n * interval '1 hour', n / 7.0::float8,
    n * interval '1 day 2 hours'
  FROM generate_series(1, 500) n;
ALTER TABLE customers ALTER COLUMN extra SET STATISTICS 200;
CREATE INDEX ON customers USING gin (extra);
CREATE INDEX customers_lower ON customers (lower(mail::text)) WHERE mood <> 'sad';

CREATE TABLE sales.orders (
  id serial, customer bigint REFERENCES customers, placed date NOT NULL, amount numeric(12, 2), PRIMARY KEY (id, placed)
) PARTITION BY RANGE (placed);
CREATE TABLE sales.orders_2025 PARTITION OF sales.orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE sales.orders_rest PARTITION OF sales.orders DEFAULT;
INSERT INTO sales.orders (customer, placed, amount)
  SELECT 1 + n % 500, date '2025-06-01' + n, n / 3.0 FROM generate_series(1, 400) n;
CREATE INDEX ON sales.orders (customer);

CREATE TABLE parent (id int PRIMARY KEY, child int);
CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent DEFERRABLE);
INSERT INTO parent SELECT n, n FROM generate_series(1, 20) n;
INSERT INTO child SELECT n, n FROM generate_series(1, 20) n;
ALTER TABLE parent ADD FOREIGN KEY (child) REFERENCES child DEFERRABLE INITIALLY DEFERRED;

CREATE UNLOGGED TABLE cache (k text PRIMARY KEY, v text);
INSERT INTO cache SELECT n::text, repeat('v', n) FROM generate_series(1, 30) n;
CREATE TABLE empty_one (id int, note text COLLATE "C");
CREATE TABLE no_columns ();
INSERT INTO no_columns DEFAULT VALUES;
INSERT INTO no_columns DEFAULT VALUES;
CREATE TABLE "Größe 1"."select" ("Größe" int, "a""b" text, "it's" text DEFAULT 'it''s');
INSERT INTO "Größe 1"."select" VALUES (1, '"', ''''), (2, NULL, '\N'), (3, '\.', '');
CREATE TABLE a23456789012345678901234567890123456789012345678901234567890123 (
  b23456789012345678901234567890123456789012345678901234567890123 text);
INSERT INTO a23456789012345678901234567890123456789012345678901234567890123 VALUES (E'\n'), (''), (NULL);
CREATE TABLE base (id int); CREATE TABLE derived (more text) INHERITS (base);
INSERT INTO base VALUES (1); INSERT INTO derived VALUES (2, 'x');
COMMENT ON TABLE base IS 'it''s a "base"; -- no comment';

CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
  -- \connect elsewhere
  RAISE EXCEPTION 'a trigger must not run while a backup is restored';
END $f$;
CREATE FUNCTION total(c bigint) RETURNS numeric LANGUAGE sql STABLE
  BEGIN ATOMIC SELECT sum(amount) FROM sales.orders WHERE customer = c; END;
CREATE TRIGGER touched BEFORE INSERT ON parent FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE sales.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON sales.orders FOR SELECT USING (customer = 1);
CREATE VIEW rich AS SELECT customer, total(customer) FROM sales.orders GROUP BY customer;
CREATE MATERIALIZED VIEW by_day AS SELECT placed, sum(amount) AS amount FROM sales.orders GROUP BY placed;
CREATE MATERIALIZED VIEW by_month AS SELECT date_trunc('month', placed) AS month, sum(amount) FROM by_day GROUP BY 1;
CREATE UNIQUE INDEX ON by_month (month);
CREATE STATISTICS linked (dependencies) ON customer, amount FROM sales.orders_2025;
CREATE RULE quiet AS ON DELETE TO empty_one DO INSTEAD NOTHING;
CREATE SEQUENCE loose START 41 INCREMENT 2; SELECT nextval('loose');
SELECT lo_from_bytea(0, decode('00ff5c0a', 'hex')), lo_from_bytea(0, decode(repeat('ab', 10000), 'hex'));
ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT SELECT ON TABLES TO PUBLIC;
GRANT SELECT (mail) ON customers TO PUBLIC;
