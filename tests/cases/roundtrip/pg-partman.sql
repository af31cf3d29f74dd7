-- pg_partman with a table that it maintains.
-- needs: pg_partman
--- superuser
CREATE SCHEMA partman;
CREATE EXTENSION pg_partman SCHEMA partman;
CREATE TABLE public.events (id int, at timestamptz NOT NULL) PARTITION BY RANGE (at);
SELECT partman.create_parent('public.events', 'at', p_interval => '1 month', p_type => 'range');
INSERT INTO public.events SELECT n, now() FROM generate_series(1, 20) n;
--- migration
SELECT 1;
