CREATE TABLE public.base (a integer GENERATED ALWAYS AS (CASE WHEN label IS NULL THEN NULL ELSE 0 END) STORED NOT NULL, label text);
CREATE TABLE public.leaf () INHERITS (public.base);
