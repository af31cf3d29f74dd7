-- server: 15
CREATE TABLE stock (sku text PRIMARY KEY, n int DEFAULT 0, note text);
CREATE TABLE arrived (sku text, n int, UNIQUE NULLS NOT DISTINCT (sku));
INSERT INTO stock VALUES ('a;', 1, 'x'), ('b', 2, 'y;z'), ('c', 3, NULL);
INSERT INTO arrived VALUES ('a;', 5), ('c', -3), ('new;', 7), (NULL, 1);
MERGE INTO stock AS s
USING (SELECT sku, n FROM arrived WHERE sku <> ';') AS a (sku, n) ON s.sku = a.sku
WHEN MATCHED AND s.n + a.n <= 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET n = s.n + a.n, (note) = ROW ('more; ' || coalesce(s.note, ';'))
WHEN NOT MATCHED AND a.n > 100 THEN DO NOTHING
WHEN NOT MATCHED THEN INSERT (sku, n, note) VALUES (a.sku, a.n, $$new; it's$$);
WITH a AS (SELECT 'b' AS sku) MERGE INTO ONLY stock USING a ON a.sku = stock.sku WHEN MATCHED THEN UPDATE SET n = DEFAULT;
CREATE VIEW mine WITH (security_invoker = true, security_barrier) AS SELECT * FROM stock WHERE note <> ';';
CREATE TABLE rounded (a numeric(3, -2), b numeric(2, 4));
INSERT INTO rounded VALUES (12345.678, 0.00123);
CREATE PUBLICATION part FOR TABLE stock (sku, n) WHERE (n > 0 AND sku <> ';');
CREATE UNIQUE INDEX ON arrived (n) NULLS NOT DISTINCT WHERE sku IS NULL;
ALTER TABLE stock ALTER note SET COMPRESSION pglz, ADD CONSTRAINT f FOREIGN KEY (sku) REFERENCES stock ON DELETE SET DEFAULT (sku);
SELECT regexp_count('a;b;', ';'), regexp_instr('a;b', ';', 1, 1), regexp_substr('a;b', ';.'), regexp_like('a;', '^A;$', 'i'), range_agg(r) FROM (VALUES ('{[1,2)}'::int4multirange)) AS v(r);
CREATE FUNCTION merged(what text) RETURNS int BEGIN ATOMIC
  INSERT INTO stock VALUES (what, CASE what WHEN ';' THEN 0 ELSE 1 END) ON CONFLICT DO NOTHING;
  SELECT n FROM stock WHERE sku = what;
END;
SELECT merged('d;'), merged('b')
