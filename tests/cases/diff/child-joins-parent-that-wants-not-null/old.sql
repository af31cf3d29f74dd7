CREATE TABLE public.vehicle (wheels integer);
ALTER TABLE public.vehicle ADD CONSTRAINT vehicle_pkey PRIMARY KEY (wheels);
CREATE TABLE public.car (wheels integer);
