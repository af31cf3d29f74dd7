CREATE DOMAIN cents AS bigint DEFAULT 0 CONSTRAINT cents_min CHECK (VALUE >= 0);
CREATE DOMAIN currency AS char(3) CHECK (VALUE = upper(VALUE));
CREATE TYPE interval_kind AS ENUM ('day', 'month', 'year');
CREATE TYPE money_amount AS (amount bigint, cur text);
CREATE FUNCTION vat(c cents, rate numeric) RETURNS cents LANGUAGE sql IMMUTABLE AS $$ SELECT round(c * rate)::bigint $$;
CREATE TABLE plan (id int PRIMARY KEY, name text UNIQUE, price cents NOT NULL, cur currency NOT NULL DEFAULT 'EUR', every interval_kind NOT NULL DEFAULT 'month');
CREATE TABLE subscription (
  id int PRIMARY KEY, plan int NOT NULL REFERENCES plan, account int NOT NULL, during daterange NOT NULL,
  EXCLUDE USING gist (during WITH &&) WHERE (account = 0)
);
CREATE TABLE invoice (
  id int PRIMARY KEY, subscription int REFERENCES subscription, net cents NOT NULL, rate numeric(4,3) NOT NULL DEFAULT 0.19,
  gross bigint GENERATED ALWAYS AS (net + vat(net, rate)) STORED,
  due date NOT NULL DEFAULT current_date + 14
);
CREATE INDEX invoice_gross ON invoice (gross);
CREATE VIEW overdue AS SELECT i.id, i.gross, p.cur FROM invoice i JOIN subscription s ON s.id = i.subscription JOIN plan p ON p.id = s.plan WHERE i.due < current_date;
CREATE FUNCTION yearly(p plan) RETURNS cents LANGUAGE sql IMMUTABLE AS $$ SELECT CASE p.every WHEN 'day' THEN p.price * 365 WHEN 'month' THEN p.price * 12 ELSE p.price END $$;
CREATE AGGREGATE total(cents) (SFUNC = int8pl, STYPE = bigint, INITCOND = '0');
