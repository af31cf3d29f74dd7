CREATE TABLE public.base (a integer, items text[] GENERATED ALWAYS AS (CASE WHEN a IS NULL THEN NULL ELSE ARRAY['x'] END) STORED NOT NULL);
CREATE TABLE public.middle (b bigint) INHERITS (public.base);
CREATE TABLE public.leaf (a integer, items text[] NOT NULL, b bigint, value numeric(12,2) NOT NULL);
