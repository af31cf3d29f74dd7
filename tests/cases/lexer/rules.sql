-- Several statements in one: rules, operators and what else has semicolons or signs where one expects none.
CREATE TABLE t (id int PRIMARY KEY, note text);
CREATE TABLE t_log (id int, what text, at_ int DEFAULT 1);
CREATE RULE one AS ON DELETE TO t DO INSERT INTO t_log VALUES (OLD.id, 'delete;');
CREATE RULE many AS ON UPDATE TO t DO ALSO (INSERT INTO t_log VALUES (NEW.id, 'up;'); UPDATE t_log SET what = what || ';)' WHERE id = OLD.id);
CREATE OR REPLACE RULE many AS ON UPDATE TO t WHERE OLD.note IS DISTINCT FROM NEW.note DO ALSO (
  INSERT INTO t_log VALUES (NEW.id, 'up;'); -- one; )
  ;
  DELETE FROM t_log WHERE id = (SELECT max(id) FROM t_log WHERE (what = ')')); /* two; ) */
);
CREATE RULE told AS ON INSERT TO t DO ALSO (NOTIFY changed, 'a;b'; NOTIFY "changed;");
CREATE VIEW v AS SELECT id, note FROM t;
CREATE RULE v_insert AS ON INSERT TO v DO INSTEAD (INSERT INTO t VALUES (NEW.id, NEW.note) RETURNING t.*; INSERT INTO t_log VALUES (NEW.id, 'v'));
CREATE RULE v_nothing AS ON DELETE TO v DO INSTEAD NOTHING;
CREATE RULE v_update AS ON UPDATE TO v DO INSTEAD (UPDATE t SET note = NEW.note WHERE id = OLD.id);
INSERT INTO v VALUES (1, 'a;b');
UPDATE v SET note = 'c;d' WHERE id = 1;
DELETE FROM v;
COMMENT ON RULE many ON t IS '(a; b)';
ALTER RULE one ON t RENAME TO "one;";
CREATE FUNCTION cmp(int, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1::text = $2';
CREATE OPERATOR @-@ (LEFTARG = int, RIGHTARG = text, FUNCTION = cmp);
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = text, FUNCTION = cmp);
CREATE OPERATOR #-+ (LEFTARG = int, RIGHTARG = text, PROCEDURE = cmp);
CREATE OPERATOR <?/> (LEFTARG = int, RIGHTARG = text, PROCEDURE = cmp);
CREATE OPERATOR !!@ (RIGHTARG = int, PROCEDURE = int4abs);
SELECT 1@-@'1', 1 === '1', 1#-+'1', 1 <?/>'1', !!@ -1, 1 OPERATOR(public.@-@) '1', 1 OPERATOR(pg_catalog.+)-1;
SELECT @-@ lseg '((0,0),(1,0))', @ -5, |/25, ||/27, ~1, 5%3, 2^3, -2^2, 7/-2, 1*-1, 1+-1, 1- -1, 1<>-1, 1=-1, 1>=-1, 1<=-1;
SELECT 3--1
 - 1, 4/**/-/**/1, 5*/* ; */2, 1</* ; */2, 1+--;
 2, 1 -/* -- */- 1;
SELECT '{"a":{"b":[1,2]}}'::jsonb #>> '{a,b}', '{"a":1}'::jsonb ? 'a', '{"a":1}'::jsonb ?| ARRAY['a;'], '{"a":1}'::jsonb ?& ARRAY['a'], '{"a":1}'::jsonb - 'a', '{"a":[1]}'::jsonb #- '{a,0}', '{"a":1}'::jsonb->>'a', '[1]'::jsonb->-1, '{"a":1}'::jsonb @> '{}', '[1]'::jsonb @? '$[*] ? (@ > 0)', '[1]'::jsonb @@ '$[0] == 1';
SELECT 'a' ~ '^a;?$', 'A' ~* 'a', 'a' !~ 'b', 'a' !~* 'b', 'a' ~~ '%', 'a' !~~* 'B', 'a;' LIKE 'a!;' ESCAPE '!', 'ab' SIMILAR TO '(a|b);?%', 'abc' ^@ 'a', 'a' || ';' || 'b';
SELECT int4range(1, 5) @> 3, int4range(1, 3) && int4range(2, 4), int4range(1, 2) -|- int4range(2, 3), '[1,2]'::int4range << '[5,6)'::int4range, point '(0,0)' <-> point '(3,4)', point '(2,2)' ## lseg '((0,0),(1,1))', point '(0,0)' ?- point '(1,0)', lseg '((0,0),(1,1))' ?# lseg '((0,1),(1,0))', point '(1,1)' ~= point '(1,1)';
CREATE TYPE pair AS (a int, b text);
CREATE FUNCTION pair_text(pair) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT ($1).a || ';' || ($1).b $$;
CREATE CAST (pair AS text) WITH FUNCTION pair_text(pair) AS ASSIGNMENT;
SELECT ROW(1, 'x;')::pair::text, (ROW(1, 'x')::pair).a, CAST('(2,"y;z")' AS pair), '(3,)'::pair;
CREATE OPERATOR CLASS abs_ops FOR TYPE int4 USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int4, int4);
CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION plain ALTER MAPPING FOR asciiword WITH english_stem, simple;
SELECT to_tsvector('plain', 'a;b') @@ to_tsquery('plain', 'a & !c'), ';' <> ALL (ARRAY['a', 'b']);
CREATE COLLATION posix (LC_COLLATE = 'C', LC_CTYPE = 'C');
SELECT 'a;' COLLATE posix < 'b', ('a' || ';') COLLATE "C";
