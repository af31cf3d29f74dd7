CREATE TABLE public.sensor (level smallint[] DEFAULT ARRAY[7::smallint] NOT NULL, tags integer, flag date);
