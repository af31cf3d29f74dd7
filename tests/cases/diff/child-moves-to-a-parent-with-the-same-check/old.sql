CREATE TABLE public.old_vehicle (wheels integer);
ALTER TABLE public.old_vehicle ADD CONSTRAINT some_wheels CHECK (wheels >= 0);
CREATE TABLE public.car () INHERITS (public.old_vehicle);
