CREATE TYPE e AS ENUM ('a', 'b');
CREATE DOMAIN d1 AS e[] CHECK (cardinality(VALUE) < 3);
