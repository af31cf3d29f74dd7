CREATE TABLE p (id integer, a text DEFAULT 'p', g integer GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE c (extra text) INHERITS (p);
