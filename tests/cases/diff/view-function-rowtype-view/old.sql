CREATE TABLE base (id int, v int);
CREATE VIEW inner_v AS SELECT id, v FROM base;
CREATE FUNCTION pick(lim int) RETURNS SETOF inner_v LANGUAGE sql STABLE AS $$ SELECT * FROM inner_v LIMIT lim $$;
CREATE VIEW outer_v AS SELECT p.id, p.v FROM pick(5) p;
GRANT EXECUTE ON FUNCTION pick(int) TO app_reader;
