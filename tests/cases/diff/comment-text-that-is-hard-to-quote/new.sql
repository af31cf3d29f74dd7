CREATE TABLE t (a int, b int, c int, d int);
COMMENT ON TABLE t IS $c$it's a "table" with \backslash\, $$dollars$$, -- dashes, /* stars */; and %s {} $1$c$;
COMMENT ON COLUMN t.a IS E'tab\tcr\r\nlf\n\\n \u2603 \U0001F600';
COMMENT ON COLUMN t.b IS 'ends with a backslash\';
COMMENT ON COLUMN t.c IS ' ';
COMMENT ON COLUMN t.d IS '';
