CREATE TABLE public.mail (size integer);
CREATE TABLE public.open_day (day date);
