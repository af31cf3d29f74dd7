CREATE TABLE public.mail (size integer);
CREATE TABLE public.open_day (day date);
ALTER TABLE public.mail ENABLE ROW LEVEL SECURITY;
CREATE POLICY small_mail ON public.mail FOR SELECT TO app_writer
    USING (size BETWEEN -1 AND 30000 AND EXISTS (SELECT 1 FROM public.open_day));
CREATE POLICY odd_mail ON public.mail FOR SELECT TO app_reader
    USING (size NOT BETWEEN 5 AND 10 OR size = 7);
