CREATE TABLE public.base (a integer NOT NULL, label text);
CREATE TABLE public.leaf () INHERITS (public.base);
