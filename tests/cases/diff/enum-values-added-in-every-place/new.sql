CREATE TYPE e AS ENUM ('a', 'b', 'd', 'e', 'f', 'g', 'it''s', 'Z z');
COMMENT ON TYPE e IS 'letters';
