-- pg_partman as its documentation sets it up, with a table that it maintains.
-- refused: createdb verify,restore,rollback 3 only a superuser may create the extension
-- refused: createdb,owner in-place 3 to whom it would have to give what it restores
-- needs: pg_partman
--- superuser
CREATE SCHEMA partman;
CREATE EXTENSION pg_partman SCHEMA partman;
GRANT ALL ON SCHEMA partman TO {owner};
GRANT ALL ON ALL TABLES IN SCHEMA partman TO {owner};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA partman TO {owner};
GRANT EXECUTE ON ALL PROCEDURES IN SCHEMA partman TO {owner};
--- migration
CREATE TABLE public.events (id int, at timestamptz NOT NULL) PARTITION BY RANGE (at);
-- Version 4 has other words.
DO $$BEGIN
  IF (SELECT extversion LIKE '4.%' FROM pg_extension WHERE extname = 'pg_partman') THEN
    PERFORM partman.create_parent('public.events', 'at', p_type => 'native', p_interval => 'monthly');
  ELSE
    PERFORM partman.create_parent('public.events', 'at', p_type => 'range', p_interval => '1 month');
  END IF;
END$$;
INSERT INTO public.events SELECT n, now() FROM generate_series(1, 20) n;
