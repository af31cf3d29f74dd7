CREATE FUNCTION is_open(state text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT state IN ('open', 'new') $$;
CREATE FUNCTION rank_of(s text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT length(s)::bigint $$;
CREATE TABLE t (id int, s text);
CREATE UNIQUE INDEX t_open ON t (id) WHERE is_open(s);
CREATE INDEX t_rank ON t (rank_of(s));
