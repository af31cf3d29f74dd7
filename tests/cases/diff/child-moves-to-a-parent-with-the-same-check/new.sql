CREATE TABLE public.vehicle (wheels integer);
ALTER TABLE public.vehicle ADD CONSTRAINT some_wheels CHECK (wheels >= 0);
CREATE TABLE public.car () INHERITS (public.vehicle);
