CREATE TABLE public.sensor (level integer DEFAULT 7 NOT NULL, tags text[], flag boolean);
