CREATE TABLE public.vehicle (wheels bigint);
CREATE TABLE public.car (wheels integer, doors integer);
