CREATE SEQUENCE s;
CREATE FUNCTION gen() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('s') $$;
CREATE TABLE t (id bigint DEFAULT gen());
CREATE VIEW preview AS SELECT gen() AS next_one;
