CREATE TABLE public.vehicle (wheels integer);
CREATE TABLE public.car (doors integer) INHERITS (public.vehicle);
ALTER TABLE public.vehicle ADD CONSTRAINT some_wheels CHECK (wheels >= 0);
