CREATE TABLE t (a integer, b text, c timestamptz, d text[], e numeric(8,2),
  CONSTRAINT c01 CHECK (a BETWEEN 1 AND 10 OR a IS NULL), CONSTRAINT c02 CHECK (b IN ('x', 'y') AND b NOT LIKE 'z%'), CONSTRAINT c03 CHECK (b IS DISTINCT FROM ''),
  CONSTRAINT c04 CHECK ((a, b) > (0, 'a')), CONSTRAINT c05 CHECK (CASE WHEN a = 1 THEN b = 'x' ELSE true END), CONSTRAINT c06 CHECK (num_nonnulls(a, b) = 1),
  CONSTRAINT c07 CHECK (d <@ ARRAY['p', 'q']), CONSTRAINT c08 CHECK (date_trunc('day', c AT TIME ZONE 'UTC') = c AT TIME ZONE 'UTC'), CONSTRAINT c09 CHECK (b ~* '^[a-z]+\.$' ),
  CONSTRAINT c10 CHECK (b COLLATE "C" < 'm'), CONSTRAINT c11 CHECK (e::integer % 2 = 0), CONSTRAINT c12 CHECK (t IS NOT NULL), CONSTRAINT c13 CHECK (array_length(d, 1) > 0),
  CONSTRAINT c14 CHECK (coalesce(b, 'none') SIMILAR TO '(a|b)%'), CONSTRAINT c15 CHECK (extract(year FROM c) > 2000), CONSTRAINT c16 CHECK (b = ANY (d)));
