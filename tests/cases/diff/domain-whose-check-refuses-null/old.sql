CREATE DOMAIN public.known AS integer CHECK (VALUE IS NOT NULL);
CREATE TABLE public.shop (id integer);
