CREATE FUNCTION is_open(s text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT s = 'open' $$;
CREATE FUNCTION rank_of(s text) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT length(s) $$;
CREATE TABLE t (id int, s text);
CREATE UNIQUE INDEX t_open ON t (id) WHERE is_open(s);
CREATE INDEX t_rank ON t (rank_of(s));
