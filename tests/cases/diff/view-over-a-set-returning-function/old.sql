CREATE FUNCTION pairs(n int) RETURNS TABLE (a int, b int) LANGUAGE sql AS $$ SELECT i, i * 2 FROM generate_series(1, n) i $$;
CREATE VIEW ten_pairs AS SELECT p.a, p.b FROM pairs(10) p;
GRANT SELECT ON ten_pairs TO app_reader;
