CREATE TABLE t (id integer PRIMARY KEY, price numeric(10,2));
CREATE VIEW cheap AS SELECT id, price FROM t WHERE price < 10;
CREATE VIEW cheapest AS SELECT min(price) AS price FROM cheap;
COMMENT ON VIEW cheap IS 'below ten';
COMMENT ON COLUMN cheap.price IS 'in cents';
GRANT SELECT ON cheapest TO app_reader;
