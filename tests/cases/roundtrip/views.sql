-- Views, functions and rules that read each other, and a view that pg_dump writes as a placeholder first.
--- migration
CREATE TABLE items (id serial PRIMARY KEY, name text, price int);
INSERT INTO items (name, price) SELECT 'item ' || n, n FROM generate_series(1, 20) n;
CREATE VIEW cheap AS SELECT id, name FROM items WHERE price < 10;
CREATE FUNCTION names() RETURNS SETOF cheap LANGUAGE sql STABLE AS 'SELECT * FROM public.cheap';
CREATE VIEW shown AS SELECT name FROM names();
CREATE VIEW grouped AS SELECT id, name, price, count(*) FROM items GROUP BY id;
CREATE VIEW updatable WITH (security_barrier) AS SELECT id, name FROM items WHERE price > 2 WITH LOCAL CHECK OPTION;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM grouped;
CREATE RULE added AS ON INSERT TO shown DO INSTEAD INSERT INTO items (name, price) VALUES (NEW.name, 1);
CREATE RECURSIVE VIEW numbers (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 5;
