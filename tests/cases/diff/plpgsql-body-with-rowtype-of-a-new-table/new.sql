CREATE TABLE other (id int);
CREATE TABLE zebra (id int PRIMARY KEY, stripes int);
CREATE FUNCTION count_stripes(z zebra, n zebra.stripes%TYPE) RETURNS zebra.stripes%TYPE LANGUAGE plpgsql AS $f$
DECLARE r zebra%ROWTYPE; s zebra.stripes%TYPE;
BEGIN SELECT * INTO r FROM zebra WHERE id = z.id; RETURN r.stripes + n; END $f$;
