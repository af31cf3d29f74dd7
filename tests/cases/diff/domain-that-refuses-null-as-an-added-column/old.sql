CREATE TABLE public.shop (id integer);
CREATE DOMAIN public.rate AS bigint NOT NULL CHECK (VALUE IN (0, 1, 2));
CREATE DOMAIN public.place AS integer;
