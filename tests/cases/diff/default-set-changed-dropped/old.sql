CREATE TABLE t (a integer, b integer DEFAULT 1, c text DEFAULT 'x', d timestamptz DEFAULT now(), e text DEFAULT 'it''s \ 100%');
