CREATE TYPE money2 AS (amount numeric, currency text);
CREATE TYPE color AS ENUM ('red', 'blue');
CREATE FUNCTION to_money(numeric) RETURNS money2 LANGUAGE sql IMMUTABLE AS $$ SELECT ROW($1, 'EUR')::money2 $$;
CREATE FUNCTION color_no(color) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 1 $$;
CREATE CAST (numeric AS money2) WITH FUNCTION to_money(numeric) AS IMPLICIT;
CREATE CAST (color AS int) WITH FUNCTION color_no(color);
CREATE CAST (varchar AS color) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (numeric AS money2) IS 'euro by default';
