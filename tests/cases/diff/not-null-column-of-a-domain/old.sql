CREATE DOMAIN public.place AS integer;
CREATE TABLE public.shop (id integer);
