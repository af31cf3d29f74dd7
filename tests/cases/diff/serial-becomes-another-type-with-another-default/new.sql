CREATE TABLE t (a text DEFAULT 'x'); CREATE TABLE k (a text PRIMARY KEY DEFAULT gen_random_uuid()::text, b text);
CREATE TABLE n (a numeric NOT NULL DEFAULT 1.5);
