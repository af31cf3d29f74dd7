CREATE TABLE t (
  id integer, a jsonb DEFAULT '{"a": ["b c", null]}', b text[] DEFAULT ARRAY['x', 'it''s'], c interval DEFAULT '1 day 02:00:00',
  d timestamptz DEFAULT '2026-01-01 00:00:00+02', e timestamp DEFAULT (now() AT TIME ZONE 'utc'), f name DEFAULT CURRENT_USER, g bytea DEFAULT '\xdeadbeef',
  h numeric DEFAULT -1.50, i boolean DEFAULT (NOT true), j text DEFAULT E'a\nb\\c', k integer DEFAULT (1 + 2) * 3, l bit(4) DEFAULT B'1010',
  m text DEFAULT CASE WHEN random() > 0.5 THEN 'heads' ELSE 'tails' END, n date DEFAULT CURRENT_DATE + 7, o text DEFAULT NULL, p text DEFAULT ''::text,
  q double precision DEFAULT 0.1, r real DEFAULT 'NaN', s uuid DEFAULT gen_random_uuid(), u int4range DEFAULT '[1,5)', v text DEFAULT format('%s-%s', VARIADIC ARRAY['b', 'c']),
  w char(3) DEFAULT 'x', x time DEFAULT LOCALTIME, y money DEFAULT 12.34, z inet DEFAULT '10.0.0.0/8', aa text DEFAULT current_setting('server_version', true));
