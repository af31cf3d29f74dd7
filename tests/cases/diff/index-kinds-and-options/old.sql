CREATE TABLE t (id integer, doc jsonb, words tsvector, place point, name text, at timestamptz);
CREATE INDEX i_name ON t (name);
CREATE INDEX i_doc ON t USING gin (doc);
CREATE INDEX i_at ON t USING brin (at);
CREATE INDEX i_id ON t (id);
