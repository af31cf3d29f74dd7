CREATE TABLE public.vehicle (wheels integer);
CREATE TABLE public.car (wheels integer);
ALTER TABLE public.vehicle ADD CONSTRAINT some_wheels CHECK (wheels >= 0);
