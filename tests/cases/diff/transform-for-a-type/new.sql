CREATE TYPE pt AS (x int, y int);
CREATE FUNCTION pt_from(internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT AS 'textlike_support';
CREATE TRANSFORM FOR pt LANGUAGE plpgsql (FROM SQL WITH FUNCTION pt_from(internal));
COMMENT ON TRANSFORM FOR pt LANGUAGE plpgsql IS 'does little';
CREATE FUNCTION uses(p pt) RETURNS int LANGUAGE plpgsql TRANSFORM FOR TYPE pt AS $$ BEGIN RETURN 1; END $$;
