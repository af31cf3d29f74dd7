INSERT INTO public.shop VALUES (1);
