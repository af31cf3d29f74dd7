CREATE SCHEMA ids;
CREATE SEQUENCE ids.s;
CREATE FUNCTION ids.gen() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('ids.s') $$;
CREATE TABLE t (id bigint DEFAULT ids.gen());
CREATE VIEW preview AS SELECT ids.gen() AS next_one;
