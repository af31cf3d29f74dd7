CREATE TABLE t (a integer DEFAULT 5, b integer, c text DEFAULT 'y'::text, d timestamptz DEFAULT CURRENT_TIMESTAMP, e text DEFAULT E'tab\t');
