CREATE TABLE t (id int, g text, v bigint, doc jsonb);
CREATE VIEW v AS
  WITH RECURSIVE a AS MATERIALIZED (SELECT id, g, v FROM t WHERE v > 0), b(n) AS (SELECT 1 UNION SELECT n + 1 FROM b WHERE n < 3)
  SELECT a.g, grouping(a.g) AS level, count(*) FILTER (WHERE a.v > 1) AS n, string_agg(DISTINCT a.g, ', ' ORDER BY a.g DESC) AS gs,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY a.v) AS median, (SELECT max(n) FROM b) AS top, ARRAY(SELECT n FROM b) AS ns
  FROM a CROSS JOIN LATERAL (SELECT a.v * 2 AS w) l GROUP BY GROUPING SETS ((a.g), ()) HAVING sum(l.w) > 0;
CREATE VIEW w AS
  SELECT id, v, lag(v, 1, 0::bigint) OVER win AS before_it, sum(v) OVER (win ROWS BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE TIES) AS s,
    doc ->> 'k' AS k, CASE WHEN v IS DISTINCT FROM 1 THEN ROW(v, g)::text END AS r, v BETWEEN SYMMETRIC 5 AND 1 AS between_them
  FROM (SELECT * FROM t TABLESAMPLE system (10) REPEATABLE (1)) AS sampled(id, g, v, doc) WINDOW win AS (PARTITION BY g ORDER BY v NULLS FIRST);
CREATE VIEW x AS SELECT v FROM t EXCEPT ALL (SELECT id FROM t INTERSECT VALUES (1), (2)) ORDER BY 1 USING > OFFSET 1;
