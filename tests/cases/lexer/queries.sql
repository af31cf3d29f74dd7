-- Queries with every construct that has punctuation of its own.
CREATE TABLE points (id int PRIMARY KEY, grp text, x numeric, y float8, tags text[], doc jsonb, at_ timestamp);
INSERT INTO points SELECT n, chr(97 + n % 3) || ';', n * 1.5, n::float8 / 3, ARRAY['t' || n, 'a;b'], jsonb_build_object('n', n, 'a;', ARRAY[n, n + 1]), timestamp '2026-01-01' + n * interval '1 day' FROM generate_series(1, 12) AS s(n);
SELECT grp, sum(x) OVER w, rank() OVER (PARTITION BY grp ORDER BY x DESC NULLS LAST), lag(x, 1, 0.) OVER (w ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES), first_value(x) OVER (w RANGE BETWEEN UNBOUNDED PRECEDING AND 2.5 FOLLOWING) FROM points WINDOW w AS (PARTITION BY grp ORDER BY x), v AS (w) ORDER BY id;
SELECT count(*) FILTER (WHERE x > 3 AND grp <> ';'), percentile_cont(0.5) WITHIN GROUP (ORDER BY y), string_agg(grp, '; ' ORDER BY id DESC), array_agg(DISTINCT grp) FROM points;
SELECT grp, x > 9, GROUPING(grp, x > 9), count(*) FROM points GROUP BY GROUPING SETS ((grp, x > 9), ROLLUP (grp), CUBE (x > 9), ()) ORDER BY 1, 2, 3, 4;
SELECT grp, count(*) FROM points GROUP BY DISTINCT ROLLUP (grp), ROLLUP (grp) HAVING count(*) > 1 ORDER BY grp NULLS FIRST;
SELECT p.id, l.t, l.ordinality, r.* FROM points AS p, LATERAL (SELECT t, ordinality FROM unnest(p.tags) WITH ORDINALITY AS u(t)) AS l CROSS JOIN LATERAL ROWS FROM (generate_series(1, 2), json_to_record('{"a":1,"b":"x;y"}') AS (a int, b text)) WITH ORDINALITY AS r (g, a, b, o) WHERE p.id < 3 ORDER BY 1, 2, 3, 4;
WITH RECURSIVE tree (id, parent) AS (
  VALUES (1, NULL::int), (2, 1)
  UNION ALL
  SELECT id + 2, id FROM tree WHERE id < 6
) SEARCH DEPTH FIRST BY id SET path CYCLE id SET looped TO 'y;' DEFAULT 'n;' USING seen
SELECT id, looped FROM tree ORDER BY path, id;
WITH moved AS MATERIALIZED (DELETE FROM points WHERE id > 11 RETURNING *), "kept;" AS NOT MATERIALIZED (SELECT * FROM points) INSERT INTO points SELECT id + 100, grp, x, y, tags, doc, at_ FROM moved RETURNING id, 'x;';
INSERT INTO points AS p (id, grp) VALUES (1, 'new;'), (200, DEFAULT) ON CONFLICT (id) DO UPDATE SET grp = EXCLUDED.grp || p.grp, (x, y) = (SELECT 1, 2) WHERE p.grp <> ';' RETURNING id, grp;
INSERT INTO points (id) VALUES (1) ON CONFLICT ON CONSTRAINT points_pkey DO NOTHING;
UPDATE points AS p SET (x, y) = ROW (q.x + 1, DEFAULT), tags[2] = 'c;d', tags[3:4] = '{e,f}', doc['n'] = '1' FROM (SELECT * FROM points) AS q WHERE q.id = p.id AND p.id = 2 RETURNING p.x, p.tags, p.doc;
DELETE FROM ONLY points WHERE false;
DELETE FROM points AS d USING points AS e WHERE d.id = e.id AND e.id = 200;
SELECT a[1], a[2:3], a[:2], a[2:], a[:], a[1:2][1:1], (ARRAY[1,2,3])[2], ('{1,2}'::int[])[1], (SELECT ARRAY(SELECT id FROM points ORDER BY id LIMIT 2)), ARRAY[[1,2],[3,4]], '{"a;b","c\"d;"}'::text[] FROM (SELECT ARRAY[1,2,3]) AS s(a);
SELECT '1'::int::text::varchar(5), CAST('1' AS numeric(3, 1)), int '1', float8 '1e3', 1::"char", '{1}'::int[]::text, (1)::text, -1::int, (1,2)::text, '2026-01-01'::timestamp AT TIME ZONE 'UTC' IS NULL;
SELECT 1., .5, 1.5, 1e5, 1E-5, 1.e+5, .5e1, 0.000, 00012, 12345678901234567890, 1.5::int, 4.::text;
SELECT jsonb_path_query('{"a;": [1, 2, "x;y"]}', '$."a;"[*] ? (@ == "x;y" || @ > 1)'), jsonb_path_exists('{"a": 1}', 'strict $.a ? (@ > $min)', '{"min": 0}'), '{"a": {"b;": 1}}'::jsonb #> '{a,b;}', ('{"a": [1, 2]}'::jsonb)['a'][0], '$.a ? (@ like_regex "^;" flag "i")'::jsonpath;
SELECT CASE WHEN id = 1 THEN 'a;' WHEN id IN (2, 3) THEN $$b;$$ ELSE CASE grp WHEN 'a;' THEN 'c' END END, id BETWEEN SYMMETRIC 5 AND 1, grp IS DISTINCT FROM ';', x IS NOT NULL, y NOTNULL, grp NOT LIKE '%;_' ESCAPE '\', (id, x) < (3, 4), (at_, at_) OVERLAPS (at_, interval '1 day') FROM points WHERE false;
SELECT extract(epoch FROM at_), substring(grp FROM 1 FOR 1), overlay(grp PLACING ';;' FROM 1), position(';' IN grp), trim(BOTH ';' FROM grp), normalize(grp, NFC), grp IS NFC NORMALIZED, coalesce(grp, ';'), greatest(1, 2), nullif(grp, ';'), interval '1-2' YEAR TO MONTH FROM points WHERE id = 1;
SELECT DISTINCT ON (grp) grp, id FROM points ORDER BY grp, id OFFSET 1 ROW FETCH FIRST 2 ROWS WITH TIES;
SELECT id FROM points WHERE id < 3 ORDER BY id FOR NO KEY UPDATE OF points SKIP LOCKED;
SELECT id FROM points TABLESAMPLE BERNOULLI (100) REPEATABLE (1) WHERE id < 4 ORDER BY id;
((SELECT 1 AS a UNION ALL (SELECT 2 EXCEPT SELECT 3)) INTERSECT (VALUES (1), (2)) ORDER BY a);
VALUES (1, 'a;'), (2, $$b;$$) ORDER BY 1 DESC LIMIT ALL;
TABLE points ORDER BY id LIMIT (SELECT 1);
SELECT;
SELECT FROM points WHERE id = 1;
SELECT * FROM points NATURAL JOIN (SELECT 1 AS id) AS n LEFT JOIN points AS p2 USING (id) RIGHT OUTER JOIN (VALUES (1)) AS v(i) ON v.i = n.id FULL JOIN (VALUES (';')) AS w(s) ON true;
SELECT * FROM points AS p JOIN points AS q USING (id) AS j WHERE j.id = 1;
PREPARE find (int, text) AS SELECT id, $2 || ';' FROM points WHERE id = $1 OR grp = $2 ORDER BY id;
EXECUTE find (1, 'a;b');
EXPLAIN (COSTS OFF, FORMAT JSON) EXECUTE find (1, $q$;$q$);
DEALLOCATE find;
PREPARE more AS UPDATE points SET grp = $1::text WHERE id=$2;
EXECUTE more('$1;', 3); DEALLOCATE ALL;
EXPLAIN (ANALYZE false, COSTS off) DELETE FROM points WHERE grp = ';';
EXPLAIN (COSTS OFF) SELECT 1 FROM points WHERE id = 1;
DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT id, ';' FROM points ORDER BY id;
FETCH FORWARD 2 FROM c; MOVE BACKWARD 1 IN c; FETCH PRIOR c; CLOSE c;
COPY (SELECT id, 'a;b' FROM points ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER, DELIMITER ';', QUOTE '''', FORCE_QUOTE *);
COPY points (id, grp) TO STDOUT (FORMAT text, NULL '\N;');
LISTEN "chan;"; NOTIFY "chan;", 'pay;load'; UNLISTEN *;
SET search_path = public, "odd;", pg_catalog; SHOW search_path; RESET search_path;
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET TIME ZONE INTERVAL '+01:00' HOUR TO MINUTE;
SHOW TIME ZONE; RESET TIME ZONE; RESET ALL; DISCARD PLANS; SET XML OPTION DOCUMENT; SET NAMES 'UTF8';
SELECT current_date IS NULL, current_timestamp(0) IS NULL, localtime IS NULL, current_user = session_user, user IS NULL, current_schema;
SELECT "points"."id", points."grp", (points).x, (points.*)::text IS NULL, (p).id FROM points, (SELECT q FROM points AS q WHERE id = 1) AS s(p) WHERE points.id = 1;
SELECT func.a, func.b FROM jsonb_to_recordset('[{"a":1,"b":"x;"},{"a":2}]') AS func(a int, b text);
SELECT make_interval(days => 1, hours := 2), concat_ws(';', VARIADIC ARRAY['a', 'b']), count(ALL id), count(DISTINCT grp), sum(id) FILTER (WHERE id<3) FROM points;
SELECT 'a' IN ('a;', 'b'), 1 = ANY (ARRAY[1, 2]), 1 <> ALL (SELECT 2), EXISTS (SELECT FROM points), NOT (true AND false OR NULL), true IS UNKNOWN;
