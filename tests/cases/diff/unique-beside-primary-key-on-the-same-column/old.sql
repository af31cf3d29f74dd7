CREATE TABLE public.account (id integer);
