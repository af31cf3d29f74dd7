CREATE TABLE t (id integer, doc jsonb, words tsvector, place point, name text, at timestamptz);
CREATE INDEX i_name ON t USING hash (name);
CREATE INDEX i_doc ON t USING gin (doc jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX i_at ON t USING brin (at timestamptz_minmax_multi_ops (values_per_range = 16)) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX i_place ON t USING gist (place);
CREATE INDEX i_spot ON t USING spgist (place quad_point_ops);
CREATE INDEX i_words ON t USING gist (words tsvector_ops (siglen = 100));
CREATE INDEX i_id ON t (id) WITH (fillfactor = 50, deduplicate_items = off);
