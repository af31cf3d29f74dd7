-- Quotes of every kind, and what looks like one.
CREATE TABLE said (id int GENERATED ALWAYS AS IDENTITY, what text, "how;" text DEFAULT 'it''s; --', """" text);
INSERT INTO said (what) VALUES ('plain; with ''quotes'' and "more"; -- no comment, /* neither');
INSERT INTO said (what) VALUES ('a backslash \'), ('\'), ('\\''; '), (E'\'; \\'), (E'''\\\''';'), (e'\x3b\073\u003b\U0000003b');
INSERT INTO said (what) VALUES (U&'d\0061t\+000061; \\'), (U&'d!0061t!+000061; !!''' UESCAPE '!'), (u&'\D83D\DE00;'), (U&';' uescape '~');
INSERT INTO said (what) VALUES (N'national; ''one'''), (n'\'), (''), (''''), (''';'''), (E'\n;\t\r\b\f');
INSERT INTO said (what) SELECT B'0101'::text || X'1fF'::text || b''::text RETURNING "how;" || ';' AS ";";
INSERT INTO said (what) VALUES ('first; '
  'second; '   -- a comment between; it's allowed
  -- 'and another'
  'third;'), (E'a\'; '
  'b\'; '
'c');
INSERT INTO said (what) VALUES (U&'d!0061;'
  '!0062;' UESCAPE '!'), ((B'01'
  '10')::text);
INSERT INTO said (what) VALUES ($$plain; it's "quoted" \ $$), ($a$ $$;$$ $b$;$b$ $A$;$ a$ $a$), ($_1é$;$é$;$_1é$), ($$$$), ($x$$$x$);
INSERT INTO said (what) VALUES ($body$
  SELECT $inner$ ; $innermost$ ; $innermost$ $inner$;
  -- it's
  /* not
$body$);
SELECT 'a', 'b' FROM (VALUES (1)) AS t ("x;y") WHERE false AND 'a' <> '
multi; line
' AND "x;y" > 0 LIMIT 0
;
CREATE TABLE "Odd ""name"";" ("select" int, "a b" text, "É" text, U&"d\0061ta;" int, U&"x!0061!!;" UESCAPE '!' int);
INSERT INTO "Odd ""name"";" VALUES (1, 'a;b', $$É;$$, 2, 3);
COMMENT ON TABLE "Odd ""name"";" IS 'It''s odd; it''s ''quoted''; it ends with a backslash \';
COMMENT ON COLUMN "Odd ""name"";"."select" IS E'It\'s; \\ and \n';
COMMENT ON COLUMN "Odd ""name"";"."a b" IS $c$It's; $$ 'x' $$; "y"$c$;
COMMENT ON COLUMN "Odd ""name"";"."É" IS U&'\00C9; it''s';
COMMENT ON COLUMN said.what IS NULL;
CREATE TABLE a$b$c (d$ int, _$1 int, é$ text DEFAULT $$;$$, x$y$z int);
INSERT INTO a$b$c SELECT d$.d$, 1, é$, 2 FROM (SELECT 1 AS d$, 'x' AS é$) AS d$;
SELECT a$b$c.d$+x$y$z, 1 AS type, 2 AS "type;", 3 AS b, 4 AS e, 5 AS u, 6 AS n, 7 AS x FROM a$b$c;
SELECT b.e, e.b, u.x, n.u FROM (SELECT 1 AS e) AS b, (SELECT 1 AS b) AS e, (SELECT 1 AS x) AS u, (SELECT 1 AS u) AS n;
SELECT u&u, u & 1, u &1 FROM (SELECT 3 AS u) AS u;
SELECT interval '1' day, date'2026-01-01', time $$12:00$$, char(3)'a;b', double precision '1';
SET application_name = 'a;b "c" ''d''';
SET LOCAL work_mem TO '8MB';
SELECT set_config('app.note', 'x;y', false), current_setting('app.note');
SELECT 'unfinished? $$', $$'$$, "$$", '/*', '*/', '--' FROM (SELECT 1 AS "$$") AS "--";
CREATE VIEW quoted AS SELECT what, '--;' AS "--;", '/*;' AS "/*;", $v$'$v$ AS "'" FROM said;
CREATE VIEW "$1" AS SELECT E'\\' AS "\", E'\'' AS "'", 1 AS "$$;$$";
