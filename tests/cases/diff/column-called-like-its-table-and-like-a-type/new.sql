CREATE TABLE integer_t ("integer" bigint, integer_t text, "timestamp" timestamp, "char" "char", "null" integer DEFAULT 0, "default" text DEFAULT 'default');
CREATE TABLE t (t bigint, "T" integer, CONSTRAINT t CHECK (t > 0 AND t."T" > 0));
CREATE INDEX "t.t" ON t ((t + 1));
