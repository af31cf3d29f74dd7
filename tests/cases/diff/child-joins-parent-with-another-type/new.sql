CREATE TABLE public.vehicle (wheels bigint);
CREATE TABLE public.car (doors integer) INHERITS (public.vehicle);
