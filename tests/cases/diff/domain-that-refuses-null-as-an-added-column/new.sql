CREATE DOMAIN public.rate AS bigint NOT NULL CHECK (VALUE IN (0, 1, 2));
CREATE DOMAIN public.place AS integer;
CREATE TABLE public.shop (id integer, rate public.rate);
